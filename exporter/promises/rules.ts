import type { PromiseKind } from '../../shared/api.ts';
import type { Micros } from '../sources/rows.ts';

/** The DAGs that a promise is for: all given fields must match. `dag_id`, `tag` and `owner` may contain `*` and `?`. */
export interface DagSelector {
  source?: string | undefined;
  dag_id?: string | undefined;
  tag?: string | undefined;
  owner?: string | undefined;
}

/** Days on which a promise applies: days that match one of the first three fields. */
export interface DayRule {
  /** 1 = Monday to 7 = Sunday. */
  weekdays: ReadonlySet<number>;
  monthDays: ReadonlySet<number>;
  lastOfMonth: boolean;
  /** Dates without a promise: `2026-12-25` in that year, `12-25` in each. */
  exceptions: ReadonlySet<string>;
  /** As written in runbeat.yaml. */
  text: string;
}

interface Rule<Kind extends PromiseKind> {
  name: string;
  kind: Kind;
  dags: readonly DagSelector[];
}

/** `ends_within`, `starts_within`: a share of the runs takes no longer than the limit. */
export interface RunRule extends Rule<'ends_within' | 'starts_within'> {
  limitUs: Micros;
  /** Above 0 and below 1. */
  share: number;
}

/** `journey` with `ends_within`: from the arrival of a value of a business key to a success of the DAG that decides. */
export interface JourneyRule extends Rule<'journey'> {
  key: string;
  /** DAGs whose runs are arrivals. Each of `dags` has to decide. */
  from: readonly DagSelector[];
  limitUs: Micros;
  /** Above 0 and below 1. */
  share: number;
}

/** `succeeded_within`: the last success is never older than the limit. */
export interface FreshnessRule extends Rule<'succeeded_within'> {
  limitUs: Micros;
}

/** `done_by`: for each of the days, a run for that day has succeeded by a time. */
export interface DayPromiseRule extends Rule<'done_by'> {
  /** Local time as HH:MM. */
  time: string;
  /** IANA name. */
  timezone: string;
  /** Local time at which a day begins. If it is later than 00:00, the day begins on the date before. */
  dayBegins: string;
  days: DayRule;
}

export type PromiseRule = RunRule | JourneyRule | FreshnessRule | DayPromiseRule;

/** The fields that selectors match. */
export interface SelectableDag {
  source: string;
  dag_id: string;
  owner: string | null;
  tags: readonly string[];
}

export function matches(selector: DagSelector, dag: SelectableDag): boolean {
  if (selector.source !== undefined && selector.source !== dag.source) return false;
  if (selector.dag_id !== undefined && !fits(selector.dag_id, dag.dag_id)) return false;
  const { tag, owner } = selector;
  if (tag !== undefined && !dag.tags.some((one) => fits(tag, one))) return false;
  // Airflow joins several owners of a DAG with commas.
  return owner === undefined || ownersOf(dag).some((one) => fits(owner, one));
}

/** The only DAG that a selector can fit; null if it may fit several. */
export function dagNamedBy({ dag_id }: DagSelector): string | null {
  return dag_id === undefined || isPattern(dag_id) ? null : dag_id;
}

export function ownersOf({ owner }: Pick<SelectableDag, 'owner'>): string[] {
  return owner === null ? [] : owner.split(',').map((one) => one.trim());
}

function isPattern(text: string): boolean {
  return /[*?]/.test(text);
}

/** Tries again only from the last `*`, so many of them cost no more than few. */
function fits(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let resumeAt = 0;
  for (let read = 0; read < text.length;) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at++;
      resumeAt = read;
    } else if (wanted === '?' || wanted === text[read]) {
      // A character may consist of two units.
      read += wanted === '?' && text.codePointAt(read)! > 0xffff ? 2 : 1;
      at += 1;
    } else if (star >= 0) {
      at = star + 1;
      read = ++resumeAt;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
