import webpack from 'webpack';
import type { PluginFolder } from './folders.ts';
import { webpackConfig } from './webpackConfig.ts';

/** Compiles every plugin folder into `out`. Rejects with webpack's messages. */
export function compile(
  plugins: readonly PluginFolder[],
  out: string,
  mode: 'production' | 'development',
): Promise<void> {
  const compiler = webpack(plugins.map((plugin) => webpackConfig(plugin, out, mode)));
  return new Promise((resolve, reject) => {
    compiler.run((error, stats) => {
      compiler.close(() => {
        if (error) reject(error);
        else if (stats?.hasErrors()) reject(new Error(stats.toString({ preset: 'errors-only' })));
        else resolve();
      });
    });
  });
}
