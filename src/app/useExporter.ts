import { keepPreviousData, useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { ExporterApi } from '../data/exporterApi.ts';
import type { ExporterFailure } from '../data/failure.ts';
import { useApp } from './AppContext.tsx';

interface ExporterQueryOptions<Answer> {
  enabled?: boolean;
  /** Milliseconds until the next request, possibly depending on the last answer; false to stop. Pauses in a hidden tab. */
  refreshMs?: number | false | ((last: Answer | undefined) => number | false);
  /** Whether to show the answer to the previous question until the new one arrives. */
  keepPrevious?: boolean;
}

/** Queries the exporter. Components that use the same `key` share one request. */
export function useExporter<Answer>(
  key: readonly unknown[],
  ask: (api: ExporterApi, signal: AbortSignal) => Promise<Answer>,
  { enabled = true, refreshMs = false, keepPrevious = false }: ExporterQueryOptions<Answer> = {},
): UseQueryResult<Answer, ExporterFailure> {
  const { api, runsUid } = useApp();
  return useQuery<Answer, ExporterFailure>({
    queryKey: [runsUid, ...key],
    queryFn: ({ signal }) => ask(api, signal),
    enabled,
    refetchInterval: typeof refreshMs === 'function' ? (query) => refreshMs(query.state.data) : refreshMs,
    placeholderData: keepPrevious ? keepPreviousData : undefined,
  });
}
