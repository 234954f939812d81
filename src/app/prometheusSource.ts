import type { DataSourceInstanceSettings } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';

/** Plugins that query a Prometheus: Grafana's own, and those for the managed ones of Amazon and Azure. */
const TYPES = ['prometheus', 'grafana-amazonprometheus-datasource', 'grafana-azureprometheus-datasource'];

export function prometheusSources(): DataSourceInstanceSettings[] {
  return getDataSourceSrv().getList({ type: TYPES });
}

/**
 * uid of the Prometheus data source for charts over time: the configured one if the organisation has it, otherwise its only
 * one. If there are several, none is guessed: an Admin chooses one on the configuration page.
 */
export function findPrometheusUid(uid: string): string {
  if (getDataSourceSrv().getInstanceSettings(uid)) return uid;
  const [first, ...others] = prometheusSources();
  return first && others.length === 0 ? first.uid : uid;
}
