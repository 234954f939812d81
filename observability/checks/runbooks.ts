import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { allAlerts } from '../alerts/all.ts';
import { DEFAULT_THRESHOLDS } from '../thresholds.ts';
import type { Check } from './check.ts';

/** The questions of a person on call, in order. */
const HEADINGS = ['What it means', 'Who is affected', 'What to look at', 'What to do', 'How to silence it'];
const FOLDER = 'docs/runbooks';

/** Checks that every alert has a runbook that answers every question, and that every runbook has an alert. */
export const runbooks: Check = {
  name: 'every alert has its runbook',
  async run(root) {
    const names = allAlerts({ ...DEFAULT_THRESHOLDS, run_slow_factor: 3 }).map(({ name }) => name);
    const files = await readdir(path.join(root, FOLDER)).catch(() => []);
    const strays = files.filter((file) => !names.includes(file.replace(/\.md$/, '')));
    const problems = strays.map((file) => `${FOLDER}/${file} belongs to no alert`);
    for (const name of names) {
      const text = await readFile(path.join(root, FOLDER, `${name}.md`), 'utf8').catch(() => undefined);
      if (text === undefined) problems.push(`${FOLDER}/${name}.md is missing`);
      else problems.push(...missingHeadings(text).map((heading) => `${FOLDER}/${name}.md lacks "## ${heading}"`));
    }
    return problems;
  },
};

function missingHeadings(text: string): string[] {
  const lines = text.split('\n');
  return HEADINGS.filter((heading) => !lines.includes(`## ${heading}`));
}
