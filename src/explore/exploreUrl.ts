/** The properties of a data source that a link to Explore needs. */
export interface ExploredSource {
  uid: string;
  type: string;
}

/** Time to add before and after, because logs are shipped with a delay and clocks differ. */
const AIR_MS = 5 * 60_000;
const ALL_DAY_MS = 24 * 3_600_000;

/** URL of Explore with a query and the time range of one try or run, up to now if it is unfinished. */
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

/** The query in the format of each type of data source. */
function queryOf(type: string, query: string): Record<string, unknown> {
  if (type === 'loki' || type === 'victoriametrics-logs-datasource') return { expr: query, queryType: 'range' };
  if (/elasticsearch|opensearch/.test(type)) return { query, metrics: [{ id: '1', type: 'logs' }] };
  // TraceQL also accepts a plain trace id.
  if (type === 'tempo') return { query, queryType: 'traceql' };
  return { query, expr: query };
}
