import { join } from 'node:path';
import { EsbuildPlugin } from 'esbuild-loader';
import webpack, { type Configuration } from 'webpack';
import { APP_ID } from '../../shared/grafana.ts';
import { entryOf, ROOT, SOURCES, type PluginFolder } from './folders.ts';

/** Packages that Grafana's loader shares with plugins. All others, such as react-router-dom and @grafana/schema, are bundled. */
const SHARED = [
  'react',
  'react/jsx-runtime',
  'react/jsx-dev-runtime',
  'react-dom',
  'react-router',
  'rxjs',
  'lodash',
  'moment',
  '@emotion/css',
];

/**
 * One compiler per plugin.json. With several entries in one compiler, webpack would put a nested plugin's chunks into the app's folder,
 * where Grafana does not look for them.
 */
export function webpackConfig(plugin: PluginFolder, out: string, mode: 'production' | 'development'): Configuration {
  return {
    name: plugin.json.id,
    mode,
    context: SOURCES,
    devtool: 'source-map',
    entry: { module: entryOf(plugin) },
    output: {
      path: join(out, plugin.path),
      filename: '[name].js',
      chunkFilename: '[name].[contenthash:8].js',
      library: { type: 'amd' },
      publicPath: `public/plugins/${plugin.json.id}/`,
      uniqueName: plugin.json.id,
      // Grafana's validator compares the sources in all source maps with src/, and identifies them by the app's id.
      devtoolNamespace: APP_ID,
      devtoolModuleFilenameTemplate: 'webpack://[namespace]/[resource-path]',
    },
    externals: [{ 'amd-module': 'module' }, ...SHARED, /^@grafana\/(data|ui|runtime)$/],
    resolve: { extensions: ['.tsx', '.ts', '.js'], modules: [join(ROOT, 'node_modules'), 'node_modules'] },
    module: {
      rules: [
        {
          test: /\.tsx?$/,
          loader: 'esbuild-loader',
          options: { target: 'es2021', jsx: 'automatic', tsconfigRaw: { compilerOptions: {} } },
        },
        { test: /\.css$/, type: 'asset/source' },
      ],
    },
    // `x.css?inline` imports a stylesheet as text. The query is Vite's notation, which the export maps of packages don't know.
    plugins: [new webpack.NormalModuleReplacementPlugin(/\.css\?inline$/, (found) => withoutQuery(found))],
    optimization: { minimizer: [new EsbuildPlugin({ target: 'es2021', legalComments: 'none' })] },
    performance: { hints: false },
    stats: 'errors-warnings',
  };
}

function withoutQuery(found: { request: string }): void {
  found.request = found.request.replace(/\?inline$/, '');
}
