import type { VerdictRow } from '../index/promiseRows.ts';
import type { Micros } from '../sources/rows.ts';
import type { Day } from './calendar.ts';
import type { PromiseRule } from './rules.ts';

/** Whether a promise was kept, once for each run, journey, day or success. */
export interface Verdict {
  kept: boolean;
  /** When it was decided: at the end or start in time, or when the limit had passed. */
  atUs: Micros;
  /** dag_run.id; null if the verdict is not about a single run. */
  run: number | null;
  day: Day | null;
}

/** `journey`: the business key and its value; null for other promises. */
export function verdictRow(
  { rule, dag_id }: { rule: Pick<PromiseRule, 'name' | 'kind'>; dag_id: string },
  { kept, atUs, run, day }: Verdict,
  journey: { key: string; value: string } | null = null,
): VerdictRow {
  const { key = null, value = null } = journey ?? {};
  return { promise: rule.name, kind: rule.kind, dag_id, kept, at_us: atUs, run, day, key, value };
}
