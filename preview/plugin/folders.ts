import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { PACKAGE_ROOT } from '../../platform/package.ts';

export const ROOT = PACKAGE_ROOT;
export const SOURCES = join(ROOT, 'src');
export const DIST = join(ROOT, 'dist');

/** The parts of a plugin.json that the build and the preview use. */
export interface PluginJson {
  type: 'app' | 'datasource' | 'panel';
  id: string;
  name: string;
  info: { version: string; updated: string; logos: { small: string; large: string }; screenshots?: { path: string }[] };
  routes?: ProxyRoute[];
  includes?: {
    type: string;
    name: string;
    path?: string;
    uid?: string;
    role?: string;
    addToNav?: boolean;
    defaultNav?: boolean;
    icon?: string;
  }[];
  extensions?: { addedLinks?: { targets: string | string[]; title: string; description?: string }[] };
}

/** A route of the data source proxy, with the required role and the headers that it adds. */
export interface ProxyRoute {
  path: string;
  method?: string;
  reqRole?: string;
  headers?: { name: string; content: string }[];
}

export interface PluginFolder {
  /** Relative to both the sources and dist; '' for the app itself. */
  path: string;
  json: PluginJson;
}

/** Every folder with a plugin.json, the app first. Grafana treats nested plugins as children. */
export function findPlugins(under: string): PluginFolder[] {
  return readdirSync(under, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name === 'plugin.json')
    .map((entry) => readPlugin(under, entry.parentPath))
    .sort((a, b) => a.path.localeCompare(b.path));
}

function readPlugin(under: string, folder: string): PluginFolder {
  const json = JSON.parse(readFileSync(join(folder, 'plugin.json'), 'utf8')) as PluginJson;
  return { path: relative(under, folder), json };
}

/** The module beside a plugin.json. */
export function entryOf(plugin: PluginFolder): string {
  const folder = join(SOURCES, plugin.path);
  const entry = ['module.tsx', 'module.ts'].map((name) => join(folder, name)).find((path) => existsSync(path));
  if (!entry) throw new Error(`${relative(ROOT, dirname(join(folder, 'x')))} has a plugin.json and no module.tsx`);
  return entry;
}
