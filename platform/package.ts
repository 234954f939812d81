import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the nearest package.json above this file: the same in a checkout, an installed package and an image. */
export const PACKAGE_ROOT = findRoot(path.dirname(fileURLToPath(import.meta.url)));

/** Whether the sources of a checkout are running, not a compiled build. */
export const RUNS_SOURCES = path.dirname(fileURLToPath(import.meta.url)) === path.join(PACKAGE_ROOT, 'platform');

/** The version in package.json. */
export const PACKAGE_VERSION = readVersion();

function findRoot(folder: string): string {
  if (existsSync(path.join(folder, 'package.json'))) return folder;
  const above = path.dirname(folder);
  if (above === folder)
    throw new Error('No package.json was found above the code of Runbeat; the installation is incomplete.');
  return findRoot(above);
}

function readVersion(): string {
  const { version } = JSON.parse(readFileSync(path.join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string };
  return version;
}
