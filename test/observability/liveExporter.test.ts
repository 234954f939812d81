import { describe, expect, it } from 'vitest';
import { prometheusRules } from '../../observability/alerts/prometheus.ts';
import {
  parseServedMetrics,
  readServedMetrics,
  unservedMetrics,
  unservedPromises,
} from '../../observability/liveExporter.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';
import { METRICS } from '../../shared/metrics.ts';

const rules = Object.values(prometheusRules(DEFAULT_THRESHOLDS));
const exposition = (leaveOut: string[] = [], more = ''): string =>
  Object.values(METRICS)
    .filter(({ name }) => !leaveOut.includes(name))
    .map(({ name, type, help }) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`)
    .join('') + more;

describe('rules against a running exporter', () => {
  it('fit one that serves the whole table', () => {
    expect(unservedMetrics(rules, parseServedMetrics(exposition()))).toEqual([]);
  });

  it('name the metrics that an older exporter lacks', () => {
    const older = exposition(['runbeat_queue_oldest_task_age_seconds'], 'runbeat_build_info{version="0.0.9"} 1\n');
    expect(unservedMetrics(rules, parseServedMetrics(older))).toEqual([
      'the exporter (version 0.0.9) does not serve runbeat_queue_oldest_task_age_seconds',
    ]);
  });

  it('name a metric that has another type', () => {
    const other = exposition().replace('TYPE runbeat_source_up gauge', 'TYPE runbeat_source_up counter');
    expect(unservedMetrics(rules, parseServedMetrics(other))).toEqual([
      'the exporter serves runbeat_source_up as counter, not as gauge',
    ]);
  });

  it('name a promise without a bucket in the exporter', () => {
    const bucket = (le: string): string =>
      `runbeat_task_transition_seconds_bucket{source="a",dag_id="b",le="${le}"} 1\n`;
    const served = (bounds: string[]) => parseServedMetrics(exposition([], bounds.map(bucket).join('')));
    expect(unservedPromises(DEFAULT_THRESHOLDS, served(['1', '3', '+Inf']))).toEqual([]);
    expect(unservedPromises(DEFAULT_THRESHOLDS, served(['1', '5', '+Inf']))).toEqual([
      "the exporter's runbeat_task_transition_seconds has no bucket of 3 s; add it to RUNBEAT_TRANSITION_BUCKETS",
    ]);
  });

  it('say that no exporter answers', async () => {
    await expect(readServedMetrics('http://127.0.0.1:1')).rejects.toThrow(
      /no exporter answers at http:\/\/127.0.0.1:1/,
    );
  });
});
