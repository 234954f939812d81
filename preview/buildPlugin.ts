import { rmSync } from 'node:fs';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compile } from './plugin/compile.ts';
import { DIST, findPlugins, ROOT, SOURCES } from './plugin/folders.ts';
import { copyStaticFiles } from './plugin/staticFiles.ts';
import { writeZip } from './plugin/zip.ts';

/** Builds the Grafana plugin into dist/, loadable as it is, and the zip that installs it. Returns the zip's path. */
export async function buildPlugin(mode: 'production' | 'development' = 'production'): Promise<string> {
  const plugins = findPlugins(SOURCES);
  rmSync(DIST, { recursive: true, force: true });
  await compile(plugins, mode);
  copyStaticFiles(plugins, new Date());
  return writeZip(plugins[0]!.json.id);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const zip = await buildPlugin();
  console.log(`dist/ is the plugin; ${relative(ROOT, zip)} installs it`);
}
