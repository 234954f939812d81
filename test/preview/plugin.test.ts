import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { unzipSync as openZip } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import configurations from '../../.config/webpack/webpack.config.ts';
import { DIST, findPlugins, ROOT, type PluginFolder } from '../../preview/plugin/folders.ts';
import { PACKAGE_VERSION } from '../../platform/package.ts';
import * as ids from '../../shared/grafana.ts';

/** Rules of Grafana's plugin validator. They are copied here because its binary would be downloaded at run time. */

const NESTED = [ids.DATASOURCE_ID, ids.GANTT_PANEL_ID, ids.GRAPH_PANEL_ID, ids.LOOKUP_PANEL_ID].sort();

interface SourceMap {
  sources: string[];
  sourcesContent: string[];
}

interface BuiltDashboard {
  uid: string;
  title: string;
  revision: number;
  __inputs?: unknown;
}

let zip: string;
/** The plugin's folder after unpacking the zip, as the validator and Grafana see it. */
let unpacked: string;
let plugins: PluginFolder[];
const file = (plugin: PluginFolder, name: string) => path.join(unpacked, plugin.path, name);
const app = () => plugins.find((plugin) => plugin.json.type === 'app')!;

beforeAll(async () => {
  // As in `npm run build:plugin`, webpack loads the build's own loaders through tsx.
  await promisify(execFile)(process.execPath, ['--import', './bin/typescriptRequired.mjs', 'preview/buildPlugin.ts'], {
    cwd: ROOT,
  });
  zip = path.join(ROOT, 'artifacts', `${ids.APP_ID}-${PACKAGE_VERSION}.zip`);
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-zip-'));
  for (const [name, content] of Object.entries(openZip(readFileSync(zip)))) {
    if (name.endsWith('/')) continue;
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  unpacked = path.join(folder, ids.APP_ID);
  plugins = findPlugins(unpacked);
});
afterAll(() => rmSync(path.dirname(unpacked), { recursive: true, force: true }));

describe('the plugin in the zip', () => {
  it('contains the app and its four children, under the ids that others depend on', () => {
    expect(app().json.id).toBe(ids.APP_ID);
    expect(app().path).toBe('');
    expect(
      plugins
        .filter((plugin) => plugin !== app())
        .map((plugin) => plugin.json.id)
        .sort(),
    ).toEqual(NESTED);
  });

  it('declares each child in the app’s includes, and no other', () => {
    const declared = (app().json.includes ?? []).filter((include) => include.path?.endsWith('plugin.json'));
    expect(declared.map((include) => path.dirname(include.path!)).sort()).toEqual(
      plugins
        .filter((plugin) => plugin !== app())
        .map((plugin) => plugin.path)
        .sort(),
    );
    for (const include of declared) {
      const child = plugins.find((plugin) => plugin.path === path.dirname(include.path!))!;
      expect([include.type, include.name]).toEqual([child.json.type, child.json.name]);
    }
  });

  it('includes its dashboards, which Grafana imports without any input', () => {
    const included = (app().json.includes ?? []).filter(({ type }) => type === 'dashboard');
    expect(included.map((include) => path.basename(include.path!, '.json')).sort()).toEqual(
      Object.values(ids.DASHBOARD_UIDS).sort(),
    );
    for (const include of included) {
      const dashboard = JSON.parse(readFileSync(path.join(unpacked, include.path!), 'utf8')) as BuiltDashboard;
      expect(dashboard.title).toBe(include.name);
      expect(`dashboards/${dashboard.uid}.json`).toBe(include.path);
      // A person would have to give an input, but Grafana imports them automatically when the app is enabled.
      expect(dashboard.__inputs).toBeUndefined();
      expect(dashboard.revision).toBeGreaterThan(0);
    }
  });

  it('gives each plugin its own name, a description, keywords, version and date', () => {
    for (const { json } of plugins) {
      const info = json.info as typeof json.info & {
        description: string;
        keywords: string[];
        author: { name: string };
      };
      expect(json.id).toMatch(/^[0-9a-z]+-([0-9a-z]+-)?(app|panel|datasource)$/);
      expect(json.name).not.toBe(json.id);
      expect(info.description).not.toBe('');
      expect(info.keywords.length).toBeGreaterThan(0);
      expect(info.author.name).not.toBe('');
      expect(info.version).toBe(PACKAGE_VERSION);
      expect(info.updated).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });

  it('has every placeholder of plugin.json filled in, because Grafana fills in none', () => {
    for (const plugin of plugins) {
      const json = readFileSync(file(plugin, 'plugin.json'), 'utf8');
      expect(json.match(/%\w+%/g), plugin.json.id).toBeNull();
    }
    const pages = (app().json.includes ?? []).filter(({ type }) => type === 'page');
    expect(pages.length).toBeGreaterThan(3);
    for (const page of pages) expect(page.path).toMatch(new RegExp(`^/(a|plugins)/${ids.APP_ID}(/\\w+)?$`));
  });

  it('has each logo and screenshot that it names, in that plugin’s own folder', () => {
    for (const plugin of plugins) {
      const { logos, screenshots = [] } = plugin.json.info;
      for (const name of [logos.small, logos.large, ...screenshots.map((screenshot) => screenshot.path)]) {
        expect(existsSync(file(plugin, name)), `${plugin.json.id} ${name}`).toBe(true);
      }
    }
    expect(app().json.info.screenshots?.length).toBeGreaterThan(0);
  });

  it('contains no links, no executables and no unexpected files', () => {
    const kinds = readdirSync(unpacked, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const odd = kinds
      .map(({ name }) => name)
      .filter((name) => !/\.(js|js\.map|json|md|svg|png|html)$|^LICENSE$/.test(name));
    expect(odd).toEqual([]);
  });

  it('depends on the Grafana that it was tested with, and requires no missing plugin', () => {
    for (const { json } of plugins) {
      const { dependencies } = json as typeof json & {
        dependencies: { grafanaDependency: string; plugins: unknown[] };
      };
      expect(dependencies).toEqual({ grafanaDependency: '>=12.3.0', plugins: [] });
    }
  });

  it('gives each page of the navigation an icon and at least the role Viewer', () => {
    for (const page of (app().json.includes ?? []).filter(({ type }) => type === 'page')) {
      expect(['Viewer', 'Editor', 'Admin']).toContain(page.role);
      if (page.addToNav) expect(page.icon).toMatch(/^[a-z-]+$/);
    }
  });

  it('has a source map beside each module', () => {
    for (const plugin of plugins) {
      expect(existsSync(file(plugin, 'module.js.map')), plugin.json.id).toBe(true);
      expect(readFileSync(file(plugin, 'module.js'), 'utf8')).toContain('sourceMappingURL=module.js.map');
    }
  });

  it('maps every line to a source that is identical in the repository', () => {
    for (const plugin of plugins) {
      const map = JSON.parse(readFileSync(file(plugin, 'module.js.map'), 'utf8')) as SourceMap;
      expect(map.sourcesContent).toHaveLength(map.sources.length);
      for (const [at, source] of map.sources.entries()) {
        const name = source.replace(`webpack://${ids.APP_ID}/`, '');
        if (/^(external |webpack\/|\.\.\/node_modules|\.\/node_modules\/)|\.(css|json|svg)$/.test(name)) continue;
        expect(readFileSync(path.join(ROOT, 'src', name), 'utf8') === map.sourcesContent[at], source).toBe(true);
      }
    }
  });

  it('names each extension link once: Grafana finds its declaration by the title', () => {
    const titles = app().json.extensions!.addedLinks!.map((link) => link.title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it('keeps its webpack configuration where Grafana’s tools look for it', () => {
    expect(configurations({ production: true }).map(({ name, mode }) => [name, mode])).toEqual(
      plugins.map((plugin) => [plugin.json.id, 'production']),
    );
  });

  it('has its licence, changelog and a README without HTML comments', () => {
    for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE'])
      expect(existsSync(path.join(unpacked, name)), name).toBe(true);
    const readme = readFileSync(path.join(unpacked, 'README.md'), 'utf8');
    expect(readme).not.toContain('<!--');
    // The catalogue shows the README elsewhere, where relative links are broken.
    expect([...readme.matchAll(/\]\((?!https?:|#)([^)]*)\)/g)].map(([, link]) => link)).toEqual([]);
    expect(readFileSync(path.join(unpacked, 'CHANGELOG.md'), 'utf8')).toContain(`## ${PACKAGE_VERSION}`);
  });

  it('keeps nested modules in one file, because Grafana serves them from another path than the app', () => {
    for (const plugin of plugins.filter((one) => one !== app())) {
      const scripts = readdirSync(path.join(unpacked, plugin.path)).filter((name) => name.endsWith('.js'));
      expect(scripts, plugin.json.id).toEqual(['module.js']);
    }
  });

  it('keeps the app’s module small, and loads the rest lazily', () => {
    const module = readFileSync(path.join(unpacked, 'module.js'));
    expect(gzipSync(module).length).toBeLessThan(60_000);
    expect(readdirSync(unpacked).filter((name) => /\.\w{8}\.js$/.test(name)).length).toBeGreaterThan(2);
  });

  it('bundles no copy of what Grafana shares', () => {
    const sources = plugins.flatMap(
      (plugin) => (JSON.parse(readFileSync(file(plugin, 'module.js.map'), 'utf8')) as { sources: string[] }).sources,
    );
    const shared =
      /node_modules\/(react|react-dom|rxjs|lodash|moment|react-router|@emotion\/css|@grafana\/(ui|data|runtime))\//;
    expect(sources.filter((source) => shared.test(source))).toEqual([]);
  });

  it('uses nothing that React 18 lacks or React 19 has removed', () => {
    for (const plugin of plugins) {
      for (const name of readdirSync(path.join(unpacked, plugin.path)).filter((entry) => entry.endsWith('.js'))) {
        const code = readFileSync(file(plugin, name), 'utf8');
        expect(code, `${plugin.path}/${name}`).not.toMatch(
          /findDOMNode|ReactDOM\.render\(|unmountComponentAtNode|createFactory\(|getChildContext|SECRET_INTERNALS|\.(propTypes|defaultProps|contextTypes)=|[^a-zA-Z]ref:"|useFormStatus|useActionState/,
        );
      }
    }
  });
});

describe('the installable zip', () => {
  it('has the plugin’s id as its only root folder, and contains all of dist/', () => {
    const names = Object.keys(openZip(readFileSync(zip)));
    expect(new Set(names.map((name) => name.split('/')[0]))).toEqual(new Set([ids.APP_ID]));
    const files = readdirSync(DIST, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(names.filter((name) => !name.endsWith('/'))).toHaveLength(files.length);
  });

  it('has its SHA-256 beside it', () => {
    const sum = createHash('sha256').update(readFileSync(zip)).digest('hex');
    expect(readFileSync(`${zip}.sha256`, 'utf8')).toBe(`${sum}  ${path.basename(zip)}\n`);
  });
});
