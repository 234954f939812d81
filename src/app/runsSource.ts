import type { DataSourceInstanceSettings } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { DATASOURCE_ID } from '../../shared/grafana.ts';

/**
 * The Runbeat data source that the pages read: the configured one, otherwise the first one of its type. Undefined if the organisation
 * has none.
 */
export function findRunsSource(uid: string): DataSourceInstanceSettings | undefined {
  const ours = getDataSourceSrv().getList({ pluginId: DATASOURCE_ID });
  return ours.find((source) => source.uid === uid) ?? ours[0];
}
