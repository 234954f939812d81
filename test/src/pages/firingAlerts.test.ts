import { FieldType, toDataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { toAlerts } from '../../../src/pages/health/useFiringAlerts.ts';

/** As Grafana's Prometheus data source answers an instant query: a frame for each series. */
function series(labels: Record<string, string>, since: number) {
  return toDataFrame({
    fields: [
      { name: 'Time', type: FieldType.time, values: [1_000_000] },
      { name: 'Value', type: FieldType.number, labels, values: [since] },
    ],
  });
}

describe('firing alerts', () => {
  it('are the most severe first, then the oldest, with the labels that tell what they are about', () => {
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

  it('are none where Prometheus answers nothing', () => {
    expect(toAlerts([toDataFrame({ fields: [] })])).toEqual([]);
  });
});
