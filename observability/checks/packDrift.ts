import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { CHART_FILES, fullPack } from '../pack.ts';
import { DEFAULT_THRESHOLDS } from '../thresholds.ts';
import type { Check } from './check.ts';

const GENERATE = 'run `npm run generate` and commit what it writes';
/** Parts of `provisioning/` that are written by hand. */
const BY_HAND = ['airflow/', 'docker/', 'helm/', 'systemd/'];
const isByHand = (name: string): boolean =>
  !name.startsWith(CHART_FILES) && BY_HAND.some((folder) => name.startsWith(folder));

/** Checks that the committed provisioning files are exactly those that the definitions generate. */
export const packDrift: Check = {
  name: 'provisioning/ is generated from observability/',
  async run(root) {
    const folder = path.join(root, 'provisioning');
    const pack = fullPack(DEFAULT_THRESHOLDS);
    const problems: string[] = [];
    for (const [name, text] of pack) {
      const committed = await readFile(path.join(folder, name), 'utf8').catch(() => undefined);
      if (committed === undefined) problems.push(`provisioning/${name} is missing; ${GENERATE}`);
      else if (committed !== text) problems.push(`provisioning/${name} differs from its definition; ${GENERATE}`);
    }
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of found.filter((item) => item.isFile())) {
      const name = path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/');
      if (!pack.has(name) && !isByHand(name)) {
        problems.push(`provisioning/${name} comes from no definition; remove it, or generate it`);
      }
    }
    return problems;
  },
};
