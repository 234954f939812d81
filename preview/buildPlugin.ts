import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compile } from './plugin/compile.ts';
import { DIST, findPlugins, ROOT, SOURCES } from './plugin/folders.ts';
import { stampBuild } from './plugin/stamp.ts';
import { copyStaticFiles } from './plugin/staticFiles.ts';
import { writeZip } from './plugin/zip.ts';

/**
 * Builds the Grafana plugin into dist/, from which Grafana can load it, and a zip for installing it. Returns the path of the zip. dist/ is
 * replaced only if the build succeeds, so a server never sees a partial build, and a failed build keeps the last good one.
 */
export async function buildPlugin(mode: 'production' | 'development' = 'production'): Promise<string> {
  const plugins = findPlugins(SOURCES);
  const draft = join(ROOT, `.runbeat/preview/dist.${process.pid}`);
  try {
    mkdirSync(dirname(draft), { recursive: true });
    await compile(plugins, draft, mode);
    copyStaticFiles(plugins, draft, new Date());
    rmSync(DIST, { recursive: true, force: true });
    renameSync(draft, DIST);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  stampBuild();
  return writeZip(plugins[0]!.json.id);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const zip = await buildPlugin();
  console.log(`dist/ is the plugin; ${relative(ROOT, zip)} installs it`);
}
