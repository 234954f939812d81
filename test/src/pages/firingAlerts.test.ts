import { FieldType, toDataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { toAlerts } from '../../../src/pages/health/useFiringAlerts.ts';

/** The response of Grafana's Prometheus data source to an instant query: a frame for each series. */
function series(labels: Record<string, string>, since: number) {
  return toDataFrame({
    fields: [
      { name: 'Time', type: FieldType.time, values: [1_000_000] },
      { name: 'Value', type: FieldType.number, labels, values: [since] },
    ],
  });
}

describe('firing alerts', () => {
  it('are sorted by severity, then age, with the labels that say what they are about', () => {
    const common = { __name__: 'ALERTS_FOR_STATE', service: 'runbeat' };
    const frames = [
      series({ ...common, alertname: 'RunbeatWorkerBacklog', severity: 'warning', source: 'b', queue: 'q' }, 300),
      series({ ...common, alertname: 'RunbeatFlowFailures', severity: 'warning', source: 'a', dag_id: 'd' }, 200),
      series({ ...common, alertname: 'RunbeatSchedulerDown', severity: 'critical', source: 'a' }, 400),
    ];
    expect(toAlerts(frames)).toEqual([
      { name: 'RunbeatSchedulerDown', severity: 'critical', labels: { source: 'a' }, since: 400_000 },
      { name: 'RunbeatFlowFailures', severity: 'warning', labels: { source: 'a', dag_id: 'd' }, since: 200_000 },
      { name: 'RunbeatWorkerBacklog', severity: 'warning', labels: { source: 'b', queue: 'q' }, since: 300_000 },
    ]);
  });

  it('are empty if Prometheus returns nothing', () => {
    expect(toAlerts([toDataFrame({ fields: [] })])).toEqual([]);
  });
});
