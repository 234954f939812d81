import type { Configuration } from 'webpack';
import { DIST, findPlugins, SOURCES } from '../../preview/plugin/folders.ts';
import { webpackConfig } from '../../preview/plugin/webpackConfig.ts';

/**
 * The plugin's webpack configurations, one a plugin.json, at the place where @grafana/create-plugin keeps its own and where
 * Grafana's tools look. They are this repository's, not that generator's: docs/plugin.md says what differs and why.
 */
export default function configurations(env: { production?: boolean } = {}): Configuration[] {
  const mode = env.production ? 'production' : 'development';
  return findPlugins(SOURCES).map((plugin) => webpackConfig(plugin, DIST, mode));
}
