import type { PromiseAllowance, PromiseState, PromiseStatus } from '../../shared/api.ts';
import type { DagState } from '../index/promiseRows.ts';
import type { FoundDay } from '../index/promiseReader.ts';
import { writeDuration } from '../promises/amounts.ts';
import type { DagSelector } from '../promises/rules.ts';
import { textOf } from '../promises/unmatched.ts';
import { hasShare, standingOf, type Standing, type Target } from '../promises/targets.ts';
import type { Micros } from '../sources/rows.ts';
import { linksOf, type ApiContext } from './context.ts';
import { timestamp } from './time.ts';

type Source = ApiContext['sources'][number];
type WillMiss = PromiseStatus['will_miss'];

/** Number of days that the allowance covers. */
export const PERIOD_DAYS = 30;
const SECOND = 1e6;
const MISSES_SHOWN = 20;

/** The status of one promise now; `days` are the days of the period. */
export function statusOf(
  context: ApiContext,
  source: Source,
  target: Target,
  days: readonly FoundDay[],
): PromiseStatus {
  const { rule, dag_id } = target;
  const dag = source.promises.dags.get(dag_id)!;
  const nowUs = Math.round(source.nowUs);
  const standing = hasShare(target)
    ? { overdueSinceUs: null, dueUs: firstDue(source, target) }
    : standingOf(target, dag, nowUs - source.facts.stampsBehindUs);
  const allowance = hasShare(target) ? allowanceOf(target.rule.share, days) : null;
  const misses = missesOf(context, source, target, standing);
  const state = stateOf(target, dag, standing, allowance, misses);
  return {
    promise: rule.name,
    kind: rule.kind,
    source: source.name,
    dag_id,
    owner: dag.owner,
    tags: [...dag.tags],
    limit_seconds: rule.kind === 'done_by' ? null : rule.limitUs / SECOND,
    share: hasShare(target) ? target.rule.share : 1,
    journey: rule.kind === 'journey' ? { key: rule.key, from: rule.from.map(nameOf).join(', ') } : null,
    done_by: rule.kind === 'done_by' ? { time: rule.time, timezone: rule.timezone, days: rule.days.text } : null,
    state,
    reason: reasonOf(state, target, standing, allowance, misses, nowUs),
    due_at: timestamp(standing.dueUs),
    remaining_seconds: standing.dueUs === null ? null : Math.max(0, standing.dueUs - nowUs) / SECOND,
    overdue_seconds: standing.overdueSinceUs === null ? 0 : (nowUs - standing.overdueSinceUs) / SECOND,
    allowance,
    history: days.map(({ day, kept, broken }) => ({ day, kept, broken })),
    will_miss: misses.slice(0, MISSES_SHOWN),
  };
}

/** The name of a DAG, or the pattern that selects several DAGs. */
function nameOf(selector: DagSelector): string {
  const [first, ...more] = Object.keys(selector);
  return first === 'dag_id' && more.length === 0 ? selector.dag_id! : textOf(selector);
}

export function allowanceOf(share: number, days: readonly Pick<FoundDay, 'kept' | 'broken'>[]): PromiseAllowance {
  const broken = days.reduce((sum, day) => sum + day.broken, 0);
  const runs = days.reduce((sum, day) => sum + day.kept, broken);
  const allowed = Number(((1 - share) * runs).toFixed(6));
  return { period_days: PERIOD_DAYS, runs, broken, allowed, left: runs === 0 ? 1 : (allowed - broken) / allowed };
}

/** When the first active run breaks the promise; null if no active run can. */
function firstDue(source: Source, target: Target): Micros | null {
  const open = source.openRuns(target);
  return open.length === 0 ? null : Math.min(...open.map(({ dueUs }) => dueUs));
}

/** Active runs that will end too late for the promise. For `done_by`, only the first run to end counts. */
function missesOf(context: ApiContext, source: Source, target: Target, { dueUs, overdueSinceUs }: Standing): WillMiss {
  if (target.rule.kind === 'starts_within' || overdueSinceUs !== null) return [];
  const open = source.openRuns(target).flatMap(({ run, dueUs: ofRun, expectedUs }) => {
    const due = hasShare(target) ? ofRun : dueUs;
    return due === null || expectedUs === null || run === null ? [] : [{ run, due, expectedUs }];
  });
  const inTime = open.some(({ due, expectedUs }) => expectedUs <= due);
  if (!hasShare(target) && inTime) return [];
  return open
    .filter(({ due, expectedUs }) => expectedUs > due)
    .sort((a, b) => a.due - b.due)
    .map(({ run, due, expectedUs }) => ({
      run_id: run.run_id,
      expected_end: timestamp(expectedUs),
      due_at: timestamp(due),
      links: linksOf(context, { ...run, source: source.name }),
    }));
}

function stateOf(
  target: Target,
  dag: DagState,
  { overdueSinceUs, dueUs }: Standing,
  allowance: PromiseAllowance | null,
  misses: WillMiss,
): PromiseState {
  if (dag.is_paused) return 'paused';
  if (overdueSinceUs !== null || (allowance !== null && allowance.left < 0)) return 'broken';
  if (misses.length > 0) return 'at_risk';
  return !hasShare(target) && dueUs === null ? 'unknown' : 'kept';
}

function reasonOf(
  state: PromiseState,
  target: Target,
  { overdueSinceUs }: Standing,
  allowance: PromiseAllowance | null,
  misses: WillMiss,
  nowUs: Micros,
): string {
  if (state === 'paused') return 'The DAG is paused, so no one waits for it.';
  if (state === 'unknown') return 'This DAG has no runs yet by which the promise could be judged.';
  if (allowance) return runReason(state, target, allowance, misses);
  if (overdueSinceUs !== null)
    return `No run has succeeded in time; it is overdue by ${roughly(nowUs - overdueSinceUs)}.`;
  if (misses.length > 0)
    return `The active run will end too late by usual durations: it is expected at ${misses[0]!.expected_end.slice(0, 16)}Z.`;
  return 'A run has succeeded in time, and the next one is not due yet.';
}

function runReason(
  state: PromiseState,
  target: Target,
  { runs, broken, period_days: days }: PromiseAllowance,
  misses: WillMiss,
): string {
  const [one, many] = target.rule.kind === 'journey' ? ['journey', 'journeys'] : ['run', 'runs'];
  const verb = target.rule.kind === 'starts_within' ? 'started' : 'ended';
  const counted =
    runs === 0
      ? `No ${one} has been judged yet`
      : `${broken} of ${runs} ${many} ${verb} too late in the last ${days} days`;
  if (state === 'broken') return `${counted}, which is more than its share allows.`;
  if (state === 'at_risk')
    return `${counted}; of the active ${many} ${misses.length} will end too late by usual durations.`;
  return `${counted}${runs === 0 ? '' : ', within its share'}.`;
}

function roughly(us: Micros): string {
  const seconds = Math.max(1, Math.round(us / SECOND));
  return writeDuration((seconds < 3_600 ? seconds : Math.round(seconds / 60) * 60) * SECOND);
}
