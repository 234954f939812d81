import { groupedBy } from '../../shared/groupedBy.ts';
import type { DagState, VerdictRow } from '../index/promiseRows.ts';
import type { Micros } from '../sources/rows.ts';
import { isBackfill } from './awaited.ts';
import { meantFor } from './dagBook.ts';
import {
  beginDays,
  dayStanding,
  isBehind,
  judgeDays,
  noteSuccesses,
  passOver,
  withoutUnknown,
  type DayState,
} from './doneBy.ts';
import { knownUntil, succeeded, type PollFacts, type SettledRun } from './pollFacts.ts';
import { judgeFreshness, type FreshnessState } from './succeededWithin.ts';
import { awaitedSince, type DayTarget, type FreshnessTarget, type Target, type TimeTarget } from './targets.ts';
import { verdictRow, type Verdict } from './verdict.ts';

export interface TimesJudged {
  verdicts: VerdictRow[];
  /** New states of the targets that changed, by their places. */
  states: Map<number, FreshnessState | DayState>;
}

/** Where a target that is judged by time stands among all targets. */
export interface TimedPlace {
  at: number;
  /** Remembered, because most polls change nothing, and there may be thousands of targets. */
  rest: Rest | null;
}

/** Up to a moment, nothing is due for this target while its DAG stays the same and no run of it succeeds. */
interface Rest {
  target: Target;
  dag: DagState;
  untilUs: Micros;
}

type Outcome =
  | { state: FreshnessState | DayState; verdicts: readonly Verdict[] }
  /** Nothing changes up to this moment. */
  | { restUntilUs: Micros };

/** A target that can't rest must be looked at in the next poll, too. */
const NO_REST: Outcome = { restUntilUs: -Infinity };
const NONE: readonly SettledRun[] = [];

export function judgeTimes(
  targets: readonly Target[],
  places: readonly TimedPlace[],
  dags: ReadonlyMap<string, DagState>,
  facts: PollFacts,
): TimesJudged {
  const judged: TimesJudged = { verdicts: [], states: new Map() };
  const successes = groupedBy(
    succeeded(facts).sort((a, b) => a.run.end_us! - b.run.end_us!),
    ({ run }) => run.dag_id,
  );
  const nowUs = knownUntil(facts);
  for (const place of places) {
    const target = targets[place.at] as TimeTarget;
    const dag = dags.get(target.dag_id);
    if (!dag) continue;
    const ended = (successes.size > 0 && successes.get(target.dag_id)) || NONE;
    if (ended.length === 0 && canRest(place.rest, target, dag, nowUs)) continue;
    const outcome = 'calendar' in target ? judgeDay(target, dag, ended, facts) : judgeWait(target, dag, ended, facts);
    if ('restUntilUs' in outcome) {
      place.rest = { target, dag, untilUs: outcome.restUntilUs };
      continue;
    }
    judged.states.set(place.at, outcome.state);
    for (const verdict of outcome.verdicts) judged.verdicts.push(verdictRow(target, verdict));
  }
  return judged;
}

function canRest(rest: Rest | null, target: Target, dag: DagState, nowUs: Micros): boolean {
  return rest !== null && rest.target === target && rest.dag === dag && nowUs <= rest.untilUs;
}

function judgeWait(target: FreshnessTarget, dag: DagState, ended: readonly SettledRun[], facts: PollFacts): Outcome {
  if (dag.is_paused) return { restUntilUs: Infinity };
  const since = awaitedSince(target.state, dag) ?? firstAwaited(dag, facts);
  if (since === null) return NO_REST;
  // A wait that a former promise of this name was judged for is the same one.
  const known = since === target.before?.sinceUs ? target.before : target.state;
  const isNew = since !== known.sinceUs;
  const { fromUs = null } = known;
  const isCounted = known.isCounted && !isNew;
  const dueUs = isCounted ? Infinity : since + target.rule.limitUs;
  const nowUs = knownUntil(facts);
  if (since === target.state.sinceUs && nowUs <= dueUs && ended.length === 0) return { restUntilUs: dueUs };
  const state = { sinceUs: since, isCounted, fromUs: isNew ? since : fromUs };
  const fresh = ended
    .filter(({ run }) => !isBackfill(run))
    .map(({ run, isFirstEnd }) => ({ run: run.id, endUs: run.end_us!, isFirstEnd }));
  return judgeFreshness(state, target.rule.limitUs, fresh, nowUs);
}

/** The last success. Without one, a success is due from when the DAG was first seen. */
function firstAwaited(dag: DagState, { historyFromUs }: PollFacts): Micros | null {
  const fresh = dag.last_success_us ?? (historyFromUs === -Infinity ? dag.watched_us : null);
  return fresh === null ? null : Math.max(fresh, dag.resumed_us ?? -Infinity);
}

function judgeDay(target: DayTarget, dag: DagState, ended: readonly SettledRun[], facts: PollFacts): Outcome {
  const { calendar } = target;
  const nowUs = knownUntil(facts);
  const state = target.state ?? firstDay(target, dag, facts);
  if (!state) return NO_REST;
  const isNew = state !== target.state;
  const stream = ended.flatMap(({ run }) => {
    const forUs = meantFor(run);
    return forUs === null ? [] : [{ run: run.id, forUs, endUs: run.end_us! }];
  });
  const successes = isNew ? [...dag.recent, ...stream] : stream;
  if (dag.is_paused) {
    const passed = passOver(noteSuccesses(state, calendar, successes), calendar, nowUs);
    if (passed !== target.state) return { state: passed, verdicts: [] };
    return { restUntilUs: dayStanding(state, calendar, nowUs).dueUs ?? Infinity };
  }
  const dueUs = dayStanding(state, calendar, nowUs).dueUs ?? Infinity;
  if (!isNew && nowUs <= dueUs && successes.length === 0 && !isBehind(state, calendar, nowUs))
    return { restUntilUs: Math.min(dueUs, calendar.passedAtUntil(nowUs)) };
  return judgeDays(isNew ? withoutUnknown(state, calendar, dag.recent) : state, calendar, successes, nowUs);
}

const DAY = 86_400e6;

/** Null while runs that ended on that day may not have been read yet. */
function firstDay({ calendar, before }: DayTarget, { resumed_us }: DagState, facts: PollFacts): DayState | null {
  const { readUntilUs, historyFromUs } = facts;
  if (historyFromUs >= readUntilUs - 2 * DAY) return null;
  return beginDays(calendar, before, Math.max(readUntilUs, resumed_us ?? 0), resumed_us);
}
