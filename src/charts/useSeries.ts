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
import { useEffect } from 'react';
import { from, lastValueFrom } from 'rxjs';
import { useApp } from '../app/AppContext.tsx';
import { reasonOf } from '../components/reasonOf.ts';
import { userTimeZone } from '../components/timeZone.ts';
import type { SeriesQuery, PromTarget } from './promql.ts';
import { usePrometheus } from './usePrometheus.ts';

const POINTS = 400;
/** For ranges up to this length, raw series are used: they are cheap, and more detailed than rules that are evaluated once a minute. */
const RAW_UP_TO_MS = 3_600_000;

/** Whether the organisation has the configured Prometheus data source. */
export function useHasPrometheus(): boolean {
  return getDataSourceSrv().getInstanceSettings(useApp().settings.prometheusUid) !== undefined;
}

/**
 * Queries Prometheus for the series of a chart. A relative range that is resolved again is asked when the request under way has ended:
 * if each refresh replaced a request that hangs, its failure would never be seen.
 */
export function useSeries(query: SeriesQuery, range: TimeRange) {
  const asked = usePrometheus<PanelData>([query, range.raw.from, range.raw.to], async (uid) => {
    const targets = await chooseTargets(uid, query, range);
    return { ...BLANK, timeRange: range, series: await ask(uid, targets, range) };
  });
  const { refetch } = asked;
  const [start, end] = [range.from.valueOf(), range.to.valueOf()];
  useEffect(() => void refetch({ cancelRefetch: false }), [refetch, start, end]);
  return asked;
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

/** Sends one request to Prometheus. Rejects with the reason that Grafana or Prometheus gives. */
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
  const answer = await lastValueFrom(from(source.query(request))).catch(fail);
  const problem = answer.errors?.[0] ?? answer.error;
  return problem ? fail(problem) : answer.data;
}

function fail(error: unknown): never {
  throw new Error(reasonOf(error) ?? 'No reason was given');
}
