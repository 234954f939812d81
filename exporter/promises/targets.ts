import type { DagState } from '../index/promiseRows.ts';
import type { Micros } from '../sources/rows.ts';
import { Calendar } from './calendar.ts';
import { dayStanding, type DayState } from './doneBy.ts';
import type { DayPromiseRule, FreshnessRule, JourneyRule, PromiseRule, RunRule } from './rules.ts';
import type { FreshnessState } from './succeededWithin.ts';

/** A promise for one DAG. States are immutable: a poll creates new ones, which take effect once they are stored. */
export type Target = RunTarget | JourneyTarget | FreshnessTarget | DayTarget;

/** Targets that a share of runs or journeys must keep. */
export type ShareTarget = RunTarget | JourneyTarget;

/** Targets that have a state, which may change by time alone. */
export type TimeTarget = FreshnessTarget | DayTarget;

export interface RunTarget {
  rule: RunRule;
  dag_id: string;
}

/** `dag_id` is the DAG that decides. */
export interface JourneyTarget {
  rule: JourneyRule;
  dag_id: string;
}

export interface FreshnessTarget {
  rule: FreshnessRule;
  dag_id: string;
  state: FreshnessState;
  /** Of the same promise when it was made before; null where it goes on, or is new. */
  before: FreshnessState | null;
}

export interface DayTarget {
  rule: DayPromiseRule;
  dag_id: string;
  calendar: Calendar;
  /** Null until all runs of the promise's first day have been read. */
  state: DayState | null;
  /** Of the same promise when it was made before; null where it goes on, or is new. */
  before: DayState | null;
}

export function keyOf(target: { rule: { name: string }; dag_id: string }): string {
  return `${target.rule.name}\u0000${target.dag_id}`;
}

export function hasShare(target: Target): target is ShareTarget {
  return 'share' in target.rule;
}

export function isJourneyTarget(target: Target): target is JourneyTarget {
  return target.rule.kind === 'journey';
}

/** Initial state of a target: the state of its kind that is stored under its key, or was stored before it lapsed; otherwise null. */
export type StateOf = (key: string, kind: PromiseRule['kind']) => { state: unknown; before: unknown };

/** One target for every promise and DAG that it selects, in the order of the rules. */
export function targetsOf(rules: readonly PromiseRule[], selection: Selected, stateOf: StateOf): Target[] {
  return rules.flatMap((rule, at) => selection[at]!.map((dagId) => targetOf(rule, dagId, stateOf)));
}

/** The DAGs of each rule, by its place. */
type Selected = readonly (readonly string[])[];

function targetOf(rule: PromiseRule, dag_id: string, stateOf: StateOf): Target {
  const { state, before } = stateOf(keyOf({ rule, dag_id }), rule.kind);
  switch (rule.kind) {
    case 'done_by': {
      const days = { state: state as DayState | null, before: before as DayState | null };
      return { rule, dag_id, calendar: calendarOf(rule), ...days };
    }
    case 'succeeded_within': {
      const wait = (state ?? { sinceUs: null, isCounted: false }) as FreshnessState;
      return { rule, dag_id, state: wait, before: before as FreshnessState | null };
    }
    case 'journey':
      return { rule, dag_id };
    default:
      return { rule, dag_id };
  }
}

/** What a calendar has computed stays true as long as its rule. */
const calendars = new WeakMap<DayPromiseRule, Calendar>();

function calendarOf(rule: DayPromiseRule): Calendar {
  let calendar = calendars.get(rule);
  if (!calendar) calendars.set(rule, (calendar = new Calendar(rule)));
  return calendar;
}

/** Since when a target has been broken, and when it breaks next; both null if nothing is due. */
export interface Standing {
  overdueSinceUs: Micros | null;
  dueUs: Micros | null;
}

export function standingOf(target: TimeTarget, dag: DagState, nowUs: Micros): Standing {
  if (dag.is_paused || target.state === null) return { overdueSinceUs: null, dueUs: null };
  if ('calendar' in target) return dayStanding(target.state, target.calendar, nowUs);
  const since = awaitedSince(target.state, dag);
  const dueUs = since === null ? null : since + target.rule.limitUs;
  return { overdueSinceUs: dueUs !== null && nowUs > dueUs ? dueUs : null, dueUs };
}

/** The start of the present wait, which starts again when the DAG is unpaused. */
export function awaitedSince({ sinceUs }: FreshnessState, { resumed_us }: DagState): Micros | null {
  return sinceUs === null ? null : Math.max(sinceUs, resumed_us ?? -Infinity);
}
