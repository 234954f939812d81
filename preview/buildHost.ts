import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { ROOT } from './plugin/folders.ts';
import { hashFiles } from './plugin/stamp.ts';

const HOST = join(ROOT, 'preview/host');

/** The Grafana packages that the host is built from: those of the repository, or others in tests of older Grafana versions. */
export interface HostPackages {
  /** Folder with node_modules and package-lock.json. */
  folder: string;
}

export interface HostBundle {
  /** Folder with main.js, main.css and chunks. */
  folder: string;
  /** The node_modules that it was built from, from which icons and SystemJS are served. */
  modules: string;
}

/** The bundle of the host page. It comes from the cache if sources and packages have not changed. */
export async function buildHost(packages: HostPackages = { folder: ROOT }): Promise<HostBundle> {
  const modules = join(packages.folder, 'node_modules');
  const hash = createHash('sha256')
    .update(hashFiles([HOST, join(ROOT, 'shared')]))
    .update(readFileSync(join(packages.folder, 'package-lock.json')))
    .digest('hex')
    .slice(0, 16);
  const cache = join(ROOT, '.runbeat/preview');
  const folder = join(cache, `host-${hash}`);
  if (!existsSync(join(folder, 'main.js'))) await bundle(folder, packages.folder);
  return { folder, modules };
}

/** Builds in another folder and renames it, so that a failed build is never taken from the cache. */
async function bundle(folder: string, packagesFolder: string): Promise<void> {
  const draft = `${folder}.${process.pid}`;
  mkdirSync(dirname(draft), { recursive: true });
  await build({
    entryPoints: [join(HOST, 'main.tsx')],
    outdir: draft,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    minify: true,
    // SystemJS defines a global `define`, which would turn lodash into an AMD module that is never loaded.
    define: { 'process.env.NODE_ENV': '"production"', define: 'undefined' },
    loader: { '.svg': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl' },
    logLevel: 'error',
    plugins: [withoutMonaco, ...(packagesFolder === ROOT ? [] : [resolvePackagesFrom(packagesFolder)])],
  });
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
  dropOlder(dirname(folder));
}

/** Replaces Grafana's code editor, which would be most of the host's size, and which none of our pages shows. */
const withoutMonaco: Plugin = {
  name: 'without-monaco',
  setup(builder) {
    builder.onResolve({ filter: /^(@monaco-editor|monaco-editor)/ }, ({ path }) => ({ path, namespace: 'absent' }));
    builder.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {}', loader: 'js' }));
  },
};

/** Resolves packages from another folder, although the host's sources are in the repository. */
function resolvePackagesFrom(folder: string): Plugin {
  return {
    name: 'packages-from',
    setup(builder) {
      builder.onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) =>
        importer.startsWith(HOST) ? builder.resolve(path, { kind, resolveDir: folder }) : undefined,
      );
    },
  };
}

const KEPT = 4;

/** Sorts by age, because names are hashes, and the newest bundle might come first. */
function dropOlder(cache: string): void {
  const bundles = readdirSync(cache)
    .filter((name) => /^host-\w+$/.test(name))
    .map((name) => ({ path: join(cache, name), at: statSync(join(cache, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of bundles.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}
