import {
  CoreApp,
  LoadingState,
  type DataFrame,
  type DataQuery,
  type DataQueryRequest,
  type PanelData,
  type ScopedVars,
  type TimeRange,
} from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { useEffect, useState } from 'react';
import { from, lastValueFrom } from 'rxjs';
import { boot } from './boot.ts';
import { rangeOfUrl } from './rangeOfUrl.ts';

const SOURCE_UID = boot.dataSources[0]!.uid;

/** Runs queries on a data source (by default Runbeat's), as a dashboard or Explore does. */
export async function runQueries(
  targets: readonly DataQuery[],
  timeRange: TimeRange,
  { sourceUid = SOURCE_UID, scopedVars = {} }: { sourceUid?: string; scopedVars?: ScopedVars } = {},
): Promise<PanelData> {
  const source = await getDataSourceSrv().get(sourceUid);
  const request: DataQueryRequest = {
    app: CoreApp.Dashboard,
    requestId: JSON.stringify(targets),
    timezone: 'browser',
    startTime: Date.now(),
    scopedVars,
    range: timeRange,
    interval: '1m',
    intervalMs: 60_000,
    targets: [...targets],
  };
  const answer = await lastValueFrom(from(source.query(request)));
  const state = answer.errors?.length ? LoadingState.Error : LoadingState.Done;
  return { state, series: answer.data as DataFrame[], errors: answer.errors, timeRange, request };
}

/** The result of queries, which are sent again when they or their variables change (`key`). */
export function useQueries(targets: readonly DataQuery[], key: string, scopedVars: ScopedVars = {}): PanelData {
  const [data, setData] = useState<PanelData>({ state: LoadingState.Loading, series: [], timeRange: rangeOfUrl() });
  const asked = JSON.stringify([targets, key, scopedVars]);
  useEffect(() => {
    let current = true;
    const timeRange = rangeOfUrl();
    setData((last) => ({ ...last, state: LoadingState.Loading }));
    const [queries, , scoped] = JSON.parse(asked) as [DataQuery[], string, ScopedVars];
    runQueries(queries, timeRange, { scopedVars: scoped }).then(
      (answer) => current && setData(answer),
      (error: Error) => current && setData({ state: LoadingState.Error, series: [], errors: [error], timeRange }),
    );
    return () => {
      current = false;
    };
  }, [asked]);
  return data;
}
