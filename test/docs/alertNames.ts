import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const RULES = 'provisioning/prometheus/rules';

/** Names of the shipped alerts, including those that are off by default. */
export const ALERT_NAMES: ReadonlySet<string> = new Set([
  ...readdirSync(RULES).flatMap((file) =>
    [...readFileSync(path.join(RULES, file), 'utf8').matchAll(/alert: (\w+)/g)].map(([, name]) => name!),
  ),
  ...readdirSync('docs/runbooks').map((file) => path.basename(file, '.md')),
]);
