/** A data source as far as a link to it in Explore depends on it. */
export interface ExploredSource {
  uid: string;
  type: string;
}

/** Logs are shipped with a delay, and clocks differ. */
const AIR_MS = 5 * 60_000;
const ALL_DAY_MS = 24 * 3_600_000;

/** Explore with a query of a data source, over the time of one try or run; one that lasts is followed up to now. */
export function exploreUrl(source: ExploredSource, query: string, start: number | null, end: number | null): string {
  const range = {
    from: start === null ? 'now-24h' : String(start - AIR_MS),
    to: end === null ? 'now' : String(Math.min(end, (start ?? end) + 30 * ALL_DAY_MS) + AIR_MS),
  };
  const { uid, type } = source;
  const queries = [{ refId: 'A', datasource: { uid, type }, ...queryOf(type, query) }];
  const panes = { runbeat: { datasource: uid, queries, range } };
  return `/explore?${new URLSearchParams({ schemaVersion: '1', panes: JSON.stringify(panes) })}`;
}

/** Under which name each kind of data source takes its query. */
function queryOf(type: string, query: string): Record<string, unknown> {
  if (type === 'loki' || type === 'victoriametrics-logs-datasource') return { expr: query, queryType: 'range' };
  if (/elasticsearch|opensearch/.test(type)) return { query, metrics: [{ id: '1', type: 'logs' }] };
  // TraceQL takes the bare id of a trace, too.
  if (type === 'tempo') return { query, queryType: 'traceql' };
  return { query, expr: query };
}
