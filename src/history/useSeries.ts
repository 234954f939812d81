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

const POINTS = 400;

export interface PromTarget {
  refId: string;
  expr: string;
  legendFormat: string;
  /** One value at the end of the range instead of a line over it. */
  instant?: boolean;
}

/** Whether the organisation has the Prometheus data source that the settings name. */
export function useHasHistory(): boolean {
  return getDataSourceSrv().getInstanceSettings(useApp().settings.prometheusUid) !== undefined;
}

/** Series of Prometheus for a chart; `enabled` false where there is no Prometheus to ask. */
export function useSeries(targets: readonly PromTarget[], range: TimeRange, enabled: boolean) {
  const { prometheusUid } = useApp().settings;
  const [start, end] = [range.from.valueOf(), range.to.valueOf()];
  return useQuery<PanelData, Error>({
    queryKey: ['prometheus', prometheusUid, targets, start, end],
    queryFn: async () => ({ ...BLANK, timeRange: range, series: await ask(prometheusUid, targets, range) }),
    enabled,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

const BLANK = { state: LoadingState.Done } as const;

/** Asks Prometheus once; rejects with its own words. */
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
