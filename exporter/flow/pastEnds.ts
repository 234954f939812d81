import type { Micros, PreviousTaskRow } from '../sources/rows.ts';
import type { DagStructure, TaskStructure } from '../sources/structure.ts';

/**
 * By task_id: when those tasks of the DAG's previous run had ended that the task waited for. These are its own instances
 * (depends_on_past) and its direct downstreams (wait_for_downstream). Tasks that don't depend on the previous run are omitted.
 */
export function pastEnds(previous: readonly PreviousTaskRow[], structure: DagStructure): Map<string, Micros> {
  const ends = new Map<string, Micros>();
  for (const task of structure.values()) {
    if (!task.depends_on_past) continue;
    const waitedFor = new Set(pastTasksOf(task, structure));
    const moments = previous.flatMap((one) => (waitedFor.has(one.task_id) && one.end_us !== null ? [one.end_us] : []));
    if (moments.length > 0) ends.set(task.task_id, Math.max(...moments));
  }
  return ends;
}

/** Tasks of the previous run that must have succeeded before a task may start. */
export function pastTasksOf(task: TaskStructure, structure: DagStructure): string[] {
  if (!task.depends_on_past) return [];
  const downstream = [...structure.values()].filter((other) => other.upstream_task_ids.includes(task.task_id));
  return [task.task_id, ...(task.waits_for_downstream ? downstream.map((other) => other.task_id) : [])];
}
