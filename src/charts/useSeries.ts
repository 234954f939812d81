import {
  CoreApp,
  LoadingState,
  rangeUtil,
  type DataFrame,
  type DataQueryRequest,
  type PanelData,
  type TimeRange,
} from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { from, lastValueFrom } from 'rxjs';
import { useApp } from '../app/AppContext.tsx';
import { userTimeZone } from '../components/timeZone.ts';
import type { SeriesQuery, PromTarget } from './promql.ts';

const POINTS = 400;
/** For ranges up to this length, raw series are used: they are cheap, and more detailed than rules that are evaluated once a minute. */
const RAW_UP_TO_MS = 3_600_000;

/** Whether the organisation has the configured Prometheus data source. */
export function useHasPrometheus(): boolean {
  return getDataSourceSrv().getInstanceSettings(useApp().settings.prometheusUid) !== undefined;
}

/** Queries Prometheus for the series of a chart. */
export function useSeries(query: SeriesQuery, range: TimeRange) {
  const { prometheusUid } = useApp().settings;
  const [start, end] = [range.from.valueOf(), range.to.valueOf()];
  return useQuery<PanelData, Error>({
    queryKey: ['prometheus', prometheusUid, query, start, end],
    queryFn: async () => {
      const targets = await chooseTargets(prometheusUid, query, range);
      return { ...BLANK, timeRange: range, series: await ask(prometheusUid, targets, range) };
    },
    placeholderData: keepPreviousData,
    retry: false,
  });
}

const BLANK = { state: LoadingState.Done } as const;

/** Chooses recorded or raw series. A month of raw buckets of 200 DAGs is too much to read, and `record or raw` would still read them. */
async function chooseTargets(
  uid: string,
  { targets, recorded }: SeriesQuery,
  range: TimeRange,
): Promise<readonly PromTarget[]> {
  if (!recorded || range.to.diff(range.from) <= RAW_UP_TO_MS) return targets;
  const probe = { refId: 'probe', expr: recorded.probe, legendFormat: '', instant: true };
  const found = await ask(uid, [probe], range);
  return found.some((frame) => frame.length > 0) ? recorded.targets : targets;
}

/** Sends one request to Prometheus. Rejects with its error message. */
export async function ask(uid: string, targets: readonly PromTarget[], range: TimeRange): Promise<DataFrame[]> {
  const source = await getDataSourceSrv().get(uid);
  const { interval, intervalMs } = rangeUtil.calculateInterval(range, POINTS, '5s');
  const request: DataQueryRequest = {
    app: CoreApp.Unknown,
    requestId: `runbeat-${targets[0]?.expr}`,
    timezone: userTimeZone(),
    startTime: Date.now(),
    scopedVars: {},
    maxDataPoints: POINTS,
    range,
    interval,
    intervalMs,
    targets: targets.map(({ instant = false, ...target }) => ({
      ...target,
      datasource: source.getRef(),
      range: !instant,
      instant,
    })),
  };
  const answer = await lastValueFrom(from(source.query(request)));
  const problem = answer.errors?.[0] ?? answer.error;
  if (problem) throw new Error(problem.message ?? 'Prometheus did not answer');
  return answer.data;
}
