import type { CriticalPath, CriticalPathStep } from '../../shared/api.ts';
import type { TaskRow } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import { decidingUpstream, type TasksById } from './transitions.ts';

const SECOND = 1e6;

/**
 * The chain of tasks that decided when the run ended: from the task that ended last back over the upstream that each one
 * waited for. Null until something has run. `runStartUs` is where the first task's waiting begins.
 */
export function criticalPath(
  tasks: TasksById,
  structure: DagStructure,
  runStartUs: number | null,
  nowUs: number,
): CriticalPath | null {
  const all = [...tasks.values()].flat().filter((task) => task.start_us !== null && ran(task));
  let task = all.reduce<TaskRow | null>(
    (last, next) => (last && endOf(last, nowUs) >= endOf(next, nowUs) ? last : next),
    null,
  );
  const steps: CriticalPathStep[] = [];
  const seen = new Set<TaskRow>();
  while (task && !seen.has(task)) {
    seen.add(task);
    const definition = structure.get(task.task_id);
    const upstream: TaskRow | null = definition ? decidingUpstream(task, definition, tasks, structure) : null;
    steps.unshift(stepOf(task, upstream?.end_us ?? runStartUs, nowUs));
    task = upstream;
  }
  return steps.length === 0 ? null : summed(steps);
}

function ran(task: TaskRow): boolean {
  return ['success', 'failed', 'running', 'up_for_retry'].includes(task.state ?? '');
}

function endOf(task: TaskRow, nowUs: number): number {
  return task.end_us ?? nowUs;
}

function stepOf(task: TaskRow, readyUs: number | null, nowUs: number): CriticalPathStep {
  const { task_id, map_index, start_us: start } = task;
  // An upstream that was marked by hand may have an end alone: whose time it was nobody can tell.
  if (start === null) return { task_id, map_index, waiting_seconds: 0, queued_seconds: 0, running_seconds: 0 };
  const ready = Math.min(readyUs ?? start, start);
  // Queued anew after the start: deferred and resumed, so that stamp says nothing about this waiting.
  const handedOver =
    task.queued_us !== null && task.queued_us >= ready && task.queued_us <= start ? task.queued_us : start;
  const noticed =
    task.scheduled_us !== null && task.scheduled_us >= ready ? Math.min(task.scheduled_us, handedOver) : handedOver;
  return {
    task_id,
    map_index,
    waiting_seconds: (noticed - ready) / SECOND,
    queued_seconds: (start - noticed) / SECOND,
    running_seconds: Math.max(0, endOf(task, nowUs) - start) / SECOND,
  };
}

function summed(steps: CriticalPathStep[]): CriticalPath {
  const sum = (part: (step: CriticalPathStep) => number): number =>
    Math.round(steps.reduce((total, step) => total + part(step), 0) * SECOND) / SECOND;
  return {
    steps,
    work_seconds: sum((step) => step.running_seconds),
    scheduler_seconds: sum((step) => step.waiting_seconds),
    slot_seconds: sum((step) => step.queued_seconds),
  };
}
