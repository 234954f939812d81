import { downstreamOf } from '../../shared/dag.ts';
import { isFinishedTask, type TaskInstanceState } from '../../shared/states.ts';
import type { TaskDefinition } from './definition.ts';

export interface RerunRequest {
  /** Null for all failed tasks. */
  taskId: string | null;
  /** Whether to include everything downstream. */
  downstream: boolean;
}

export type RerunPlan = { taskIds: string[] } | { problem: string; kind: 'not_found' | 'conflict' };

/** Maximum number of task ids in a message. */
const LISTED = 20;

/**
 * Determines the tasks of a run to clear. Tasks that could not run because of them (upstream_failed) are always included, because
 * otherwise the run could not continue.
 */
export function planRerun(
  tasks: readonly TaskDefinition[],
  states: ReadonlyMap<string, TaskInstanceState>,
  request: RerunRequest,
): RerunPlan {
  const chosen = request.taskId === null ? failedTasks(states) : [request.taskId];
  if (request.taskId !== null && !states.has(request.taskId)) {
    const known = [...states.keys()].slice(0, LISTED).join(', ');
    return { problem: `the run has no task "${request.taskId}"; it has ${known}`, kind: 'not_found' };
  }
  if (chosen.length === 0)
    return { problem: 'no task of the run has failed; to run one again anyway, name it', kind: 'conflict' };
  const after = allDownstream(tasks, chosen);
  const also = [...after].filter((id) => request.downstream || states.get(id) === 'upstream_failed');
  const taskIds = [...new Set([...chosen, ...also])];
  const busy = taskIds.find((id) => !isFinishedTask(states.get(id) ?? null) && (states.get(id) ?? null) !== null);
  if (busy !== undefined)
    return {
      problem: `task "${busy}" is ${states.get(busy)}; it can be run again once it has ended`,
      kind: 'conflict',
    };
  return { taskIds: taskIds.filter((id) => states.get(id) !== null) };
}

function failedTasks(states: ReadonlyMap<string, TaskInstanceState>): string[] {
  return [...states].filter(([, state]) => state === 'failed').map(([id]) => id);
}

function allDownstream(tasks: readonly TaskDefinition[], from: readonly string[]): Set<string> {
  const downstream = downstreamOf(tasks);
  const found = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of downstream.get(id) ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}
