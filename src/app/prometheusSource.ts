import { getDataSourceSrv } from '@grafana/runtime';

/**
 * uid of the Prometheus data source for charts over time: the configured one if the organisation has it, otherwise its only
 * one. If there are several, none is guessed: an Admin chooses one on the configuration page.
 */
export function findPrometheusUid(uid: string): string {
  const sources = getDataSourceSrv();
  if (sources.getInstanceSettings(uid)) return uid;
  const [first, ...others] = sources.getList({ type: 'prometheus' });
  return first && others.length === 0 ? first.uid : uid;
}
