import { isFinishedTask } from '../../../shared/states.ts';
import type { Micros, PastTaskRow } from '../../sources/rows.ts';
import type { DagStructure, TaskStructure } from '../../sources/structure.ts';
import { FIRST_OF, instancesFor, upstreamIdsOf } from '../transitions.ts';
import type { ActiveRun } from './activeRun.ts';

/** Since when a task no longer waits for anything in its own run; null while it does. */
export function readySince(
  task: PastTaskRow,
  definition: TaskStructure,
  structure: DagStructure,
  active: ActiveRun,
): Micros | null {
  const begun = active.run.start_us ?? 0;
  const upstreamIds = upstreamIdsOf(task, definition);
  if (upstreamIds.length === 0 || definition.trigger_rule === 'always') return begun;
  const waitedFor = (id: string): readonly PastTaskRow[] => instancesFor(task, id, active.tasks, definition, structure);
  const ready = ruleMet(definition, upstreamIds, waitedFor);
  if (ready === null) return null;
  const { scope_task_ids: scope } = definition;
  const scopeEnd = scope.length === 0 ? begun : lastEnd(scope, waitedFor);
  return scopeEnd === null ? null : Math.max(ready, scopeEnd, begun);
}

/** When its upstreams met the trigger rule of a task; null if they have not. */
function ruleMet(
  { trigger_rule: rule }: TaskStructure,
  upstreamIds: readonly string[],
  waitedFor: (id: string) => readonly PastTaskRow[],
): Micros | null {
  const early = FIRST_OF[rule];
  const first = early ? firstEnd(upstreamIds.flatMap(waitedFor), early) : null;
  return first ?? lastEnd(upstreamIds, waitedFor);
}

/** Instances that have not finished and that a task waits for. An upstream without instances has not been expanded yet. */
export function unfinishedUpstreams(
  task: PastTaskRow,
  definition: TaskStructure,
  structure: DagStructure,
  active: ActiveRun,
): { task_id: string; map_index: number }[] {
  const waitedFor = (id: string): readonly PastTaskRow[] => instancesFor(task, id, active.tasks, definition, structure);
  const upstreamIds = upstreamIdsOf(task, definition);
  const direct = ruleMet(definition, upstreamIds, waitedFor) === null ? upstreamIds : [];
  return [...direct, ...definition.scope_task_ids].flatMap((id) => {
    const instances = waitedFor(id);
    if (instances.length === 0) return [{ task_id: id, map_index: -1 }];
    return instances.filter((one) => !isFinishedTask(one.state));
  });
}

function firstEnd(upstreams: readonly PastTaskRow[], states: readonly (string | null)[]): Micros | null {
  const ends = upstreams.flatMap((one) => (one.end_us !== null && states.includes(one.state) ? [one.end_us] : []));
  return ends.length > 0 ? Math.min(...ends) : null;
}

/** When the last upstream ended; null while one is unfinished. It runs for most tasks at every poll, so it allocates nothing. */
function lastEnd(upstreamIds: readonly string[], waitedFor: (id: string) => readonly PastTaskRow[]): Micros | null {
  let last: Micros | null = null;
  for (const id of upstreamIds) {
    const instances = waitedFor(id);
    if (instances.length === 0) return null;
    for (const { state, end_us: endUs } of instances) {
      if (!isFinishedTask(state)) return null;
      if (endUs !== null && endUs > (last ?? -Infinity)) last = endUs;
    }
  }
  return last;
}
