import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Express, type Request, type Response } from 'express';
import type { HostBundle } from './buildHost.ts';
import type { PreviewDataSource } from './dataSources.ts';
import { renderPage } from './page.ts';
import { DIST, findPlugins, type PluginFolder } from './plugin/folders.ts';
import { forward } from './proxy/forward.ts';
import { decide } from './proxy/routes.ts';

interface AppOptions {
  host: HostBundle;
  dataSources: readonly PreviewDataSource[];
  appSettings: Record<string, unknown>;
  proxyTimeoutMs: number;
}

const PROXY = '/api/datasources/proxy/uid/';

/** What of Grafana's server the plugin needs: its files, the data source proxy, and a page. */
export function createPreviewApp({ host, dataSources, appSettings, proxyTimeoutMs }: AppOptions): Express {
  const plugins = findPlugins(DIST);
  const app = express().disable('x-powered-by');
  servePlugins(app, plugins);
  app.use('/public/build/img/icons', express.static(join(host.modules, '@grafana/ui/dist/public/img/icons'), CACHED));
  app.use('/preview/host', express.static(host.folder, CACHED));
  app.use('/preview/system', express.static(join(host.modules, 'systemjs/dist'), CACHED));
  app.use(PROXY, (request, response) => proxy(request, response, { plugins, dataSources, timeoutMs: proxyTimeoutMs }));
  app.use(['/api', '/public', '/preview'], (request, response) => {
    response.status(404).json({ message: `The preview has no ${request.originalUrl}` });
  });
  const page = renderPage({
    plugins,
    dataSources,
    appSettings,
    grafanaVersion: versionOf(host),
    styles: stylesOf(host),
  });
  app.get('/{*path}', (_, response) => void response.type('html').send(page));
  return app;
}

const CACHED = { maxAge: '1h', fallthrough: true };

/** Each plugin, nested or not, is served from its own folder under its own id. */
function servePlugins(app: Express, plugins: readonly PluginFolder[]): void {
  for (const plugin of plugins) {
    app.use(`/public/plugins/${plugin.json.id}`, express.static(join(DIST, plugin.path), { etag: true }));
  }
}

interface ProxyOptions {
  plugins: readonly PluginFolder[];
  dataSources: readonly PreviewDataSource[];
  timeoutMs: number;
}

async function proxy(
  request: Request,
  response: Response,
  { plugins, dataSources, timeoutMs }: ProxyOptions,
): Promise<void> {
  // The raw URL: a run id with %2F in it has to arrive as it was sent.
  const [, uid = '', path = ''] = /^\/([^/?]+)(\/.*)?$/.exec(request.originalUrl.slice(PROXY.length - 1)) ?? [];
  const source = dataSources.find((candidate) => candidate.uid === uid);
  if (!source) return void response.status(404).json({ message: 'Data source not found' });
  const routes = plugins.find((plugin) => plugin.json.id === source.type)?.json.routes ?? [];
  const role = request.get('x-preview-role') ?? 'Viewer';
  const decision = decide(routes, { method: request.method, path: path.split('?')[0]!, role }, source.secrets);
  if (!decision.allowed) return void response.status(403).json({ message: 'plugin proxy route access denied' });
  await forward(request, response, { url: source.upstream + path, headers: decision.headers, timeoutMs });
}

function versionOf(host: HostBundle): string {
  const manifest = readFileSync(join(host.modules, '@grafana/ui/package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function stylesOf(host: HostBundle): string[] {
  return readdirSync(host.folder).filter((name) => name === 'main.css');
}
