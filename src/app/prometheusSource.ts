import { getDataSourceSrv } from '@grafana/runtime';

/**
 * uid of the Prometheus data source for history: the chosen one where the organisation has it, else the only one of its kind.
 * Of several none is guessed: an Admin chooses it on the configuration page.
 */
export function findPrometheusUid(uid: string): string {
  const sources = getDataSourceSrv();
  if (sources.getInstanceSettings(uid)) return uid;
  const [first, ...others] = sources.getList({ type: 'prometheus' });
  return first && others.length === 0 ? first.uid : uid;
}
