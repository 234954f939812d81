import type { DataSourcePluginMeta, PluginMeta } from '@grafana/data';
import { pluginOf } from './boot.ts';

/** A plugin.json with the folder that it is served from, as Grafana's server passes it to the page. */
export function metaOf<Meta extends PluginMeta = DataSourcePluginMeta>(pluginId: string): Meta {
  const json = pluginOf(pluginId);
  const baseUrl = `public/plugins/${pluginId}`;
  const { small, large } = json.info.logos;
  return {
    ...json,
    module: `${baseUrl}/module.js`,
    baseUrl,
    info: { ...json.info, logos: { small: `${baseUrl}/${small}`, large: `${baseUrl}/${large}` } },
  } as unknown as Meta;
}
