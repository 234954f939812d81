import type { TimeRange } from '@grafana/data';
import type { RunSummary } from '../../../shared/api.ts';
import type { ExporterApi } from '../../data/exporterApi.ts';

/** Maximum number of runs that a page computes its statistics from. More runs need Prometheus. */
export const MAX_RUNS = 10_000;
const PAGE = 500;

export interface RunsOfRange {
  runs: RunSummary[];
  /** Whether there are more runs; these are the newest. */
  truncated: boolean;
}

export async function runsOfRange(
  api: ExporterApi,
  range: TimeRange,
  { source, dagId }: { source?: string; dagId?: string },
  signal: AbortSignal,
): Promise<RunsOfRange> {
  const bounds = { from: range.from.toISOString(), to: range.to.toISOString() };
  const runs: RunSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.runs({ source, dagId, ...bounds, limit: PAGE, cursor }, signal);
    runs.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor && runs.length < MAX_RUNS);
  return { runs, truncated: cursor !== undefined };
}
