import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ALERT_DOCS, withAlertTable } from '../alerts/docs.ts';
import { DEFAULT_THRESHOLDS } from '../thresholds.ts';
import type { Check } from './check.ts';

/** Checks that the tables in docs/alerts.md match the rules. */
export const alertDocs: Check = {
  name: 'docs/alerts.md says what the rules say',
  async run(root) {
    const text = await readFile(path.join(root, ALERT_DOCS), 'utf8').catch(() => undefined);
    if (text === undefined) return [`${ALERT_DOCS} is missing`];
    return text === withAlertTable(text, DEFAULT_THRESHOLDS) ? [] : [`${ALERT_DOCS} differs; run \`npm run generate\``];
  },
};
