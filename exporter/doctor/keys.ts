import type { KeyRules } from '../sources/keys.ts';
import type { KeyedRunRow } from '../sources/rows.ts';
import type { Findings } from './finding.ts';

/** Reports for each business key how many of the newest runs have it. */
export function judgeKeys(rules: KeyRules, newest: readonly KeyedRunRow[], findings: Findings): void {
  if (rules.length === 0) {
    findings.warn('No business key is configured, so runs cannot be looked up.', ADVICE);
    return;
  }
  if (newest.length === 0) return findings.ok('There are no runs yet that could have business keys.');
  for (const rule of rules) {
    const found = newest.filter((run) => run.keys[rule.key] !== undefined).length;
    const text = `Key ${rule.key} (${rule.text}) is in ${found} of the newest ${newest.length} runs.`;
    if (found > 0) findings.ok(text);
    else
      findings.warn(
        text,
        `Compare ${rule.text} with the conf of a run: \`npx runbeat exporter --help\` shows the form.`,
      );
  }
}

const ADVICE = 'Set RUNBEAT_KEYS, for example to user_id=conf.user_id.';
