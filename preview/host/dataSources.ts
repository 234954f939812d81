import type { DataSourceApi, DataSourceInstanceSettings, DataSourcePlugin, PluginMeta } from '@grafana/data';
import type { DataSourceSrv, GetDataSourceListFilters } from '@grafana/runtime';
import { boot, type HostDataSource } from './boot.ts';
import { loadPlugin } from './loader.ts';
import { metaOf } from './meta.ts';
import { PROMETHEUS_TYPE, PreviewPrometheus } from './prometheus.ts';

type Ref = Parameters<DataSourceSrv['getInstanceSettings']>[0];

/** The data sources that the server lists. As in Grafana, each is created from the module of its plugin. */
export class PreviewDataSourceSrv implements DataSourceSrv {
  private readonly settings = boot.dataSources.map(settingsOf);
  private readonly made = new Map<string, Promise<DataSourceApi>>();

  get(ref?: Ref): Promise<DataSourceApi> {
    const settings = this.getInstanceSettings(ref);
    if (!settings) return Promise.reject(new Error(`Data source ${JSON.stringify(ref)} was not found`));
    const known = this.made.get(settings.uid) ?? make(settings);
    this.made.set(settings.uid, known);
    return known;
  }

  getList({ pluginId, type, filter }: GetDataSourceListFilters = {}): DataSourceInstanceSettings[] {
    const types = type === undefined ? undefined : [type].flat();
    return this.settings
      .filter((one) => pluginId === undefined || one.meta.id === pluginId)
      .filter((one) => types === undefined || types.includes(one.type))
      .filter((one) => filter === undefined || filter(one));
  }

  getInstanceSettings(ref?: Ref): DataSourceInstanceSettings | undefined {
    const name = typeof ref === 'string' ? ref : ref?.uid;
    return name ? this.settings.find((one) => one.uid === name || one.name === name) : this.settings[0];
  }

  async reload(): Promise<void> {}
  registerRuntimeDataSource(): void {}
}

function settingsOf(source: HostDataSource, index: number): DataSourceInstanceSettings {
  return {
    id: index + 1,
    ...source,
    access: 'proxy',
    readOnly: true,
    isDefault: index === 0,
    meta: source.type === PROMETHEUS_TYPE ? prometheusMeta() : metaOf(source.type),
  } as DataSourceInstanceSettings;
}

function prometheusMeta(): DataSourceInstanceSettings['meta'] {
  return { id: PROMETHEUS_TYPE, name: 'Prometheus', type: 'datasource' } as DataSourceInstanceSettings['meta'];
}

async function make(settings: DataSourceInstanceSettings): Promise<DataSourceApi> {
  if (settings.type === PROMETHEUS_TYPE) return new PreviewPrometheus(settings);
  const plugin = await loadPlugin<DataSourcePlugin<DataSourceApi>>(settings.type);
  plugin.meta = settings.meta as PluginMeta as typeof plugin.meta;
  const source = new plugin.DataSourceClass(settings);
  source.components = plugin.components;
  source.meta = settings.meta;
  return source;
}
