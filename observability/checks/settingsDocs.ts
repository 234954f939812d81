import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Check } from './check.ts';

const FILE = '.env.example';
/** Folders whose code may read a setting. */
const FOLDERS = ['platform', 'scheduler', 'exporter', 'cli', 'preview'];
/** Patterns of settings: keys of schemas in the services' config.ts, or names that are read from the environment elsewhere. */
const KEY = /^\s+(RUNBEAT_[A-Z_]+):/gm;
const READ = /\benv\.(RUNBEAT_[A-Z_]+)/g;

/** Checks that .env.example explains every setting that the code reads. */
export const settingsDocs: Check = {
  name: '.env.example explains every setting',
  async run(root) {
    const explained = await readFile(path.join(root, FILE), 'utf8').catch(() => '');
    const names = new Set<string>();
    for (const folder of FOLDERS) {
      for (const file of await typescriptFiles(path.join(root, folder))) {
        const text = await readFile(file, 'utf8');
        const keys = path.basename(file) === 'config.ts' ? [...text.matchAll(KEY)] : [];
        for (const [, name] of [...keys, ...text.matchAll(READ)]) names.add(name!);
      }
    }
    const unexplained = [...names].filter((name) => !new RegExp(`^#?${name}=`, 'm').test(explained));
    return unexplained.sort().map((name) => `${FILE} does not explain ${name}`);
  },
};

async function typescriptFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  return entries.filter((name) => name.endsWith('.ts')).map((name) => path.join(folder, name));
}
