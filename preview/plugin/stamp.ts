import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RUNBOOK_FOLDER } from '../../shared/grafana.ts';
import { DASHBOARD_FOLDER } from './dashboards.ts';
import { DIST, ROOT } from './folders.ts';

const STAMP = join(ROOT, '.runbeat/preview/plugin.sha256');
const SOURCES = [
  ...['src', 'shared', 'preview/plugin', RUNBOOK_FOLDER, DASHBOARD_FOLDER],
  ...['package.json', 'package-lock.json', 'LICENSE'],
];

/** A hash of the names and contents of files, including all files below folders. */
export function hashFiles(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesBelow)) hash.update(path).update('\0').update(readFileSync(path));
  return hash.digest('hex');
}

function filesBelow(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function sourceHash(): string {
  return hashFiles(SOURCES.map((path) => join(ROOT, path)));
}

/** Whether dist/ was built from the present sources. */
export function isBuilt(): boolean {
  const complete = existsSync(join(DIST, 'module.js')) && existsSync(STAMP);
  return complete && readFileSync(STAMP, 'utf8') === sourceHash();
}

export function stampBuild(): void {
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, sourceHash());
}
