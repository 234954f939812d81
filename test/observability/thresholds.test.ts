import { describe, expect, it } from 'vitest';
import { DEFAULT_THRESHOLDS, parseThresholds, sped, type ThresholdInput } from '../../observability/thresholds.ts';

describe('thresholds', () => {
  it.each<[string, ThresholdInput | Record<string, unknown>, RegExp]>([
    [
      'a heartbeat threshold that one late scrape exceeds',
      { heartbeat_threshold: 10 },
      /heartbeat_threshold: must span at least 3 scrapes \(15 s\)/,
    ],
    [
      'missing data that a restart of the exporter causes',
      { no_data_after: 10 },
      /no_data_after: must span at least 6 scrapes/,
    ],
    ['an alarm that would end by itself', { source_memory: 300 }, /source_memory: must be at least 10 ×/],
    ['a transition promise that is no bucket', { transition_p95: 4 }, /transition_p95: must be a bucket bound/],
    [
      'a window pair the wrong way round',
      { flow_burn: [{ long_seconds: 300, short_seconds: 3_600, factor: 2, min_broken: 3 }] },
      /short_seconds must be less/,
    ],
    ['a negative duration', { ready_task_age: -1 }, /ready_task_age/],
    ['a word for a number', { ready_task_age: 'soon' }, /ready_task_age/],
    ['a line that is no constant any more', { flow_duration: 180 }, /flow_duration/],
    ['a URL that is none', { grafana_url: 'grafana.example.com' }, /grafana_url: must be an http\(s\) URL/],
    [
      'a runbook link that is the same for every alert',
      { runbook_url: 'https://wiki.example.com/runbooks' },
      /runbook_url: must be an http\(s\) URL with \{alert\} in it/,
    ],
    [
      'a dead scheduler that is forgotten before it is told',
      { instance_memory: 300 },
      /instance_memory: must be at least 3 × instance_down_for/,
    ],
    [
      'a number of schedulers that a few late scrapes make normal',
      { instance_normal_after: 20 },
      /instance_normal_after: must span at least 12 scrapes/,
    ],
    ['a broken promise that is told minutes later', { promise_interval: 100 }, /promise_interval: must be at most 90/],
    ['records that Prometheus forgets in between', { flow_interval: 100 }, /flow_interval: must be at most 90/],
    [
      'a cause that rings before the page that explains it',
      { exporter_down_for: 30 },
      /exporter_down_for: must exceed no_data_after/,
    ],
  ])('refuse %s', (_, input, message) => {
    expect(() => parseThresholds(input)).toThrow(message);
  });

  it('report all problems at once', () => {
    const refuse = (): unknown => parseThresholds({ flow_interval: 100, no_data_after: 1, transition_p95: 4 });
    expect(refuse).toThrow(/no_data_after[^]*flow_interval[^]*transition_p95/);
  });

  it('can be changed one by one', () => {
    expect(parseThresholds({ queue_age: 300 })).toEqual({ ...DEFAULT_THRESHOLDS, queue_age: 300 });
  });

  it('can all be shortened by one factor, without changing promises', () => {
    const fast = sped(DEFAULT_THRESHOLDS, 5);
    expect(fast).toMatchObject({ scrape_interval: 1, no_data_after: 12, transition_p95: 3 });
    expect(fast.flow_burn[0]).toEqual({
      long_seconds: 720,
      short_seconds: 60,
      factor: 14.4,
      min_broken: 3,
      longest_period: 30,
    });
  });
});
