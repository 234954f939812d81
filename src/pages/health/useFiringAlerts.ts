import { dateTime, type DataFrame, type TimeRange } from '@grafana/data';
import { usePrometheus } from '../../charts/usePrometheus.ts';
import { ask } from '../../charts/useSeries.ts';

const REFRESH_MS = 5_000;

/** ALERTS_FOR_STATE has the time at which each alert became active; ALERTS shows which ones are firing. */
const FIRING =
  'ALERTS_FOR_STATE{service="runbeat"} and ignoring (alertstate) ALERTS{service="runbeat", alertstate="firing"}';

export interface FiringAlert {
  name: string;
  severity: string;
  /** Labels of the firing series, such as source, dag_id or scheduler. */
  labels: Record<string, string>;
  /** Unix milliseconds. */
  since: number;
}

/** Alerts that are firing now according to Prometheus, the most severe first. */
export function useFiringAlerts(enabled: boolean) {
  const targets = [{ refId: 'A', expr: FIRING, legendFormat: '', instant: true }];
  return usePrometheus<FiringAlert[]>(['firing'], async (uid) => toAlerts(await ask(uid, targets, lastMinute())), {
    enabled,
    refreshMs: REFRESH_MS,
  });
}

/** Converts frames to alerts. There may be a frame for each series, or one frame with a field for each. */
export function toAlerts(frames: readonly DataFrame[]): FiringAlert[] {
  return frames
    .flatMap(({ fields }) => fields)
    .filter(({ labels }) => labels?.alertname)
    .map(({ labels, values }) => {
      const { alertname, severity, ...rest } = labels!;
      const { __name__: _, service: __, alertstate: ___, ...told } = rest;
      return { name: alertname!, severity: severity ?? '', labels: told, since: 1_000 * Number(values.at(-1)) };
    })
    .sort((a, b) => rank(a) - rank(b) || a.since - b.since);
}

function rank({ severity }: FiringAlert): number {
  return severity === 'critical' ? 0 : 1;
}

function lastMinute(): TimeRange {
  const to = dateTime();
  const from = dateTime(to).subtract(1, 'minute');
  return { from, to, raw: { from, to } };
}
