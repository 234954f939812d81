import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { ROOT } from './plugin/folders.ts';
import { hashFiles } from './plugin/stamp.ts';

const HOST = join(ROOT, 'preview/host');

/** A set of Grafana packages to build the host from: the repository's own, or another one (tests of older Grafanas). */
export interface HostPackages {
  /** Folder that holds node_modules and package-lock.json. */
  folder: string;
}

export interface HostBundle {
  /** Folder with main.js, main.css and chunks. */
  folder: string;
  /** node_modules that it was built from: icons and SystemJS are served from there. */
  modules: string;
}

/** The host page's bundle, from the cache where sources and packages are the same as last time. */
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

/** Builds beside and renames, so that a broken build is never used as a cached one. */
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
    // SystemJS brings a global `define`, which would make lodash an AMD module that nobody asks for.
    define: { 'process.env.NODE_ENV': '"production"', define: 'undefined' },
    loader: { '.svg': 'dataurl', '.woff2': 'dataurl', '.ttf': 'dataurl' },
    logLevel: 'error',
    plugins: [withoutMonaco, ...(packagesFolder === ROOT ? [] : [resolvePackagesFrom(packagesFolder)])],
  });
  rmSync(folder, { recursive: true, force: true });
  renameSync(draft, folder);
  dropOlder(dirname(folder));
}

/** Grafana's code editor is most of a host's size, and no page of ours shows one. */
const withoutMonaco: Plugin = {
  name: 'without-monaco',
  setup(builder) {
    builder.onResolve({ filter: /^(@monaco-editor|monaco-editor)/ }, ({ path }) => ({ path, namespace: 'absent' }));
    builder.onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {}', loader: 'js' }));
  },
};

/** The host's sources are in the repository, but their packages come from another folder. */
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

/** By age, not by name: a name is a hash, and the bundle just built could be the first of them. */
function dropOlder(cache: string): void {
  const bundles = readdirSync(cache)
    .filter((name) => /^host-\w+$/.test(name))
    .map((name) => ({ path: join(cache, name), at: statSync(join(cache, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of bundles.slice(KEPT)) rmSync(path, { recursive: true, force: true });
}
