import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Express, type Request, type Response, type Router } from 'express';
import { neverSniff } from '../platform/http/app.ts';
import { requireKnownHost } from '../platform/http/hosts.ts';
import type { HostBundle } from './buildHost.ts';
import type { PreviewDataSource } from './dataSources.ts';
import { contentSecurityPolicy, renderPage } from './page.ts';
import { DIST, findPlugins, type PluginFolder } from './plugin/folders.ts';
import { forward } from './proxy/forward.ts';
import { decide } from './proxy/routes.ts';

interface AppOptions {
  /** Address that the app will listen on. */
  listenHost: string;
  host: HostBundle;
  dataSources: readonly PreviewDataSource[];
  appSettings: Record<string, unknown>;
  /** Such as `/grafana`; empty at the root. */
  subPath: string;
  proxyTimeoutMs: number;
}

const PROXY = '/api/datasources/proxy/uid/';

/** The parts of Grafana's server that the plugin needs: its files, the data source proxy, and a page. */
export function createPreviewApp(options: AppOptions): Express {
  const { listenHost, host, dataSources, appSettings, subPath, proxyTimeoutMs } = options;
  const plugins = findPlugins(DIST).map(refuseUntemplated);
  const server = express().disable('x-powered-by').use(neverSniff, requireKnownHost(listenHost));
  const app = express.Router();
  server.use(subPath || '/', app);
  servePlugins(app, plugins);
  const icons = join(host.modules, '@grafana/ui/dist/public/img/icons');
  app.get('/public/build/img/icons/unicons/angle-double-left.svg', (_, response) => {
    response.type('svg').send(mirrored(readFileSync(join(icons, 'unicons/angle-double-right.svg'), 'utf8')));
  });
  app.use('/public/build/img/icons', express.static(icons, CACHED));
  app.use('/preview/host', express.static(host.folder, CACHED));
  app.use('/preview/system', express.static(join(host.modules, 'systemjs/dist'), CACHED));
  app.use(PROXY, (request, response) => proxy(request, response, { plugins, dataSources, timeoutMs: proxyTimeoutMs }));
  app.get('/api/dashboards/uid/:uid', (request, response) => {
    const json = readDashboard(request.params.uid);
    if (json) response.json({ dashboard: json });
    else response.status(404).json({ message: 'Dashboard not found' });
  });
  app.use(['/api', '/public', '/preview'], (request, response) => {
    response.status(404).json({ message: `The preview has no ${request.originalUrl}` });
  });
  const shown = { plugins, dataSources, appSettings, subPath, grafanaVersion: versionOf(host), styles: stylesOf(host) };
  app.get('/{*path}', (_, response) => {
    const nonce = randomUUID();
    response.type('html').set('Content-Security-Policy', contentSecurityPolicy(nonce));
    response.send(renderPage({ ...shown, nonce }));
  });
  return server;
}

/** A dashboard that the app includes, as Grafana would have imported it. */
function readDashboard(uid: string): unknown {
  const path = join(DIST, 'dashboards', `${uid.replace(/[^\w-]/g, '')}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** An icon of the time picker that is part of Grafana's server, but not of its packages. */
function mirrored(svg: string): string {
  return svg.replace(/(<svg[^>]*>)(.*)(<\/svg>)/s, '$1<g transform="matrix(-1 0 0 1 24 0)">$2</g>$3');
}

const CACHED = { maxAge: '1h', fallthrough: true };

/** Refuses a plugin.json with placeholders. A real Grafana would start with it, but all links in its navigation would be dead. */
export function refuseUntemplated(plugin: PluginFolder): PluginFolder {
  const [left] = /%[A-Z_]+%/.exec(JSON.stringify(plugin.json)) ?? [];
  if (!left) return plugin;
  throw new Error(
    `${join('dist', plugin.path, 'plugin.json')} still says ${left}, which Grafana does not fill in. Build it: npm run build:plugin`,
  );
}

/** Serves each plugin, nested or not, from its own folder under its own id. */
function servePlugins(app: Router, plugins: readonly PluginFolder[]): void {
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
  // Use the raw URL, because a run id with %2F must arrive unchanged.
  const [, uid = '', path = ''] = /^\/([^/?]+)(\/.*)?$/.exec(request.originalUrl.slice(request.baseUrl.length)) ?? [];
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
