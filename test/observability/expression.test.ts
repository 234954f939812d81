import { describe, expect, it } from 'vitest';
import { lintExpression } from '../../observability/lint/expression.ts';
import { catalogue } from '../../observability/promql/catalogue.ts';
import { bucketLabel, duration } from '../../observability/promql/duration.ts';
import { withoutVariables } from '../../observability/promql/variables.ts';

const known = catalogue(['dag:runbeat_runs:total']);

describe('lint of an expression', () => {
  it.each([
    'max by (source) (runbeat_schedulers_alive) == 0',
    'histogram_quantile(0.95, sum by (source, le) (rate(runbeat_task_transition_seconds_bucket{dag_id="a"}[5m])))',
    'increase(dag:runbeat_runs:total{dag_id=~"a|b"}[1h]) offset 5m',
    'absent(up{job="runbeat"})',
    'vector(1)',
  ])('accepts %s', (expression) => {
    expect(lintExpression(expression, known)).toEqual([]);
  });

  it.each([
    ['sum by (source (runbeat_source_up)', /is no PromQL at character/],
    [
      'runbeat_schedulers_live',
      /asks for "runbeat_schedulers_live", which neither the exporter nor a recording rule serves/,
    ],
    [
      'rate(runbeat_run_duration_seconds[5m])',
      /a histogram is read as runbeat_run_duration_seconds_bucket, _sum or _count/,
    ],
    [
      'runbeat_schedulers_alive{dag_id="a"}',
      /selects "dag_id" of runbeat_schedulers_alive, which has only source, job, instance/,
    ],
    ['sum by (scheduler) (runbeat_schedulers_alive)', /groups by "scheduler", which none of its metrics has/],
    ['runbeat_source_up and on (queue) runbeat_schedulers_alive', /groups by "queue"/],
    ['runbeat_source_up{source="a"', /is no PromQL/],
    ['dag:runbeat_runs:sum', /asks for "dag:runbeat_runs:sum"/],
  ])('refuses %s', (expression, message) => {
    expect(lintExpression(expression, known).join('\n')).toMatch(message);
  });
});

describe('duration', () => {
  it.each([
    [0, '0s'],
    [0.8, '800ms'],
    [5, '5s'],
    [90, '1m30s'],
    [259_200, '3d'],
    [4_200, '1h10m'],
  ])('writes %d s as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

describe('bucketLabel', () => {
  it.each([
    [180, ['180', '180.0'], ['1800', '18', '180x0']],
    [0.5, ['0.5'], ['0x5', '05']],
  ])('matches %d only as Prometheus 2 and 3 write it', (bound, hits, misses) => {
    // In PromQL, the backslash is in a string, where it is doubled.
    const pattern = new RegExp(`^(?:${bucketLabel(bound).replaceAll('\\\\', '\\')})$`);
    expect([...hits, ...misses].filter((label) => pattern.test(label))).toEqual(hits);
  });
});

describe('withoutVariables', () => {
  it('replaces Grafana variables and names those of the dashboard', () => {
    expect(withoutVariables('rate(x{source=~"$source", dag_id=~"${dag_id}"}[$__rate_interval])')).toEqual({
      expression: 'rate(x{source=~".*", dag_id=~".*"}[1m])',
      used: ['source', 'dag_id'],
    });
  });
});
