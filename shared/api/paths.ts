export const API_PREFIX = '/api/v1';

export const API_PATHS = {
  lookup: `${API_PREFIX}/lookup`,
  journeys: `${API_PREFIX}/journeys`,
  runs: `${API_PREFIX}/runs`,
  run: `${API_PREFIX}/runs/{source}/{dag_id}/{run_id}`,
  runLog: `${API_PREFIX}/runs/{source}/{dag_id}/{run_id}/log`,
  dags: `${API_PREFIX}/dags`,
  keys: `${API_PREFIX}/keys`,
  schedulers: `${API_PREFIX}/schedulers`,
  sources: `${API_PREFIX}/sources`,
  health: `${API_PREFIX}/health`,
  outages: `${API_PREFIX}/outages`,
  transitions: `${API_PREFIX}/transitions`,
  promises: `${API_PREFIX}/promises`,
  promiseBreaks: `${API_PREFIX}/promises/breaks`,
  promiseSuggestions: `${API_PREFIX}/promises/suggestions`,
} as const;

/** Path of one run. Every part is encoded, because run ids contain `+` and `:`, and those that users choose may contain anything. */
export function runPath(source: string, dagId: string, runId: string): string {
  return `${API_PATHS.runs}/${encodeURIComponent(source)}/${encodeURIComponent(dagId)}/${encodeURIComponent(runId)}`;
}
