import { groupedBy } from '../../shared/groupedBy.ts';
import type { DagState } from '../index/promiseRows.ts';
import type { Micros, RunKeys, RunRow, TaskRow } from '../sources/rows.ts';
import { isBackfill } from './awaited.ts';
import { endDue } from './endsWithin.ts';
import type { Arrival } from './journeys.ts';
import type { PromiseRule } from './rules.ts';
import type { SourcePromises } from './sourcePromises.ts';
import { judgeStart, startDue } from './startsWithin.ts';
import { isJourneyTarget, type JourneyTarget, type Target } from './targets.ts';

/** An active run, or an arrival of a journey, without a verdict. */
export interface OpenRun {
  /** The run that will decide; null if it has not been created yet (journeys only). */
  run: RunRow | null;
  dueUs: Micros;
  expectedUs: Micros | null;
}

interface ActiveRun {
  run: RunRow;
  keys: RunKeys['keys'] | null;
  tasks: ReadonlyMap<string, TaskRow>;
}

/** Runs or arrivals without a verdict, for a promise for one DAG; `runs` are the active runs of that DAG. */
export function openRunsOf<Active extends ActiveRun>(
  target: Target,
  promises: Pick<SourcePromises, 'dags' | 'arrivalsOf'>,
  runs: readonly Active[],
  nowUs: Micros,
  expectedEnd: (active: Active) => Micros | null,
): OpenRun[] {
  if (isJourneyTarget(target)) return openJourneys(target, promises.arrivalsOf(target), runs, expectedEnd);
  const dag = promises.dags.get(target.dag_id) ?? null;
  return runs.flatMap((active) => {
    const dueUs = isBackfill(active.run) ? null : openUntil(target.rule, active, dag);
    if (dueUs === null || dueUs <= nowUs) return [];
    return [{ run: active.run, dueUs, expectedUs: expectedEnd(active) }];
  });
}

function openJourneys<Active extends ActiveRun>(
  { rule }: JourneyTarget,
  arrivals: readonly Arrival[],
  runs: readonly Active[],
  expectedEnd: (active: Active) => Micros | null,
): OpenRun[] {
  const byValue = groupedBy(
    runs.flatMap((active) => (active.keys?.[rule.key] ?? []).map((value) => ({ value, active }))),
    ({ value }) => value,
  );
  return arrivals.map(({ run, value, atUs }) => {
    const active = byValue.get(value)?.find(({ active }) => active.run.id >= run)?.active;
    return { run: active?.run ?? null, dueUs: atUs + rule.limitUs, expectedUs: active ? expectedEnd(active) : null };
  });
}

/** When a run must have ended or started; Infinity if the deadline is the DAG's, not the run's; null if it is no longer judged. */
function openUntil(
  rule: PromiseRule,
  { run, tasks }: Pick<ActiveRun, 'run' | 'tasks'>,
  dag: DagState | null,
): Micros | null {
  if (rule.kind === 'ends_within') return endDue(run, rule.limitUs);
  if (rule.kind !== 'starts_within') return Infinity;
  const watchedUs = dag?.resumed_us ?? dag?.watched_us ?? 0;
  const isOpen = judgeStart(run, tasks.values(), rule.limitUs, watchedUs, -Infinity) === null;
  return isOpen ? startDue(run, rule.limitUs, watchedUs) : null;
}
