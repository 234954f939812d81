import type { MetricKey } from '../../shared/metrics.ts';
import type { Micros, RunRow, TaskRow } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import { ranToItsEnd } from './executed.ts';
import { transitionTo, type TasksById } from './transitions.ts';

/** One observation for one counter or histogram; labels in the metric's order, without `source`. */
export interface Observation {
  metric: MetricKey;
  labels: readonly string[];
  /** Microseconds; null for a counter, which goes up by one. */
  us: Micros | null;
  /** Number of occurrences, by default 1; 0 creates a counter that starts at zero. */
  count?: number;
  /** The run, and possibly the task, in which it happened. */
  within?: { run_id: string; task_id?: string; at_us: Micros };
}

export function observeRun(run: RunRow): Observation[] {
  const observations: Observation[] = [{ metric: 'runsFinished', labels: [run.dag_id, run.state], us: null }];
  const within = { run_id: run.run_id, at_us: run.end_us ?? 0 };
  const duration = span(run.start_us, run.end_us);
  if (duration !== null)
    observations.push({ metric: 'runDuration', labels: [run.dag_id, run.state], us: duration, within });
  const queued = span(run.queued_us, run.start_us);
  if (queued !== null) observations.push({ metric: 'runQueue', labels: [run.dag_id], us: queued, within });
  return observations;
}

/** Observations for the end of one task instance. If `structure` is null because its DAG can't be read, only the transition is missing. */
export function observeTask(
  task: TaskRow,
  run: RunRow,
  tasks: TasksById,
  structure: DagStructure | null,
): Observation[] {
  const dag = run.dag_id;
  const observations: Observation[] = [{ metric: 'tasksFinished', labels: [dag, task.state ?? 'none'], us: null }];
  if (!ranToItsEnd(task, structure?.get(task.task_id))) return observations;
  const within = { run_id: run.run_id, task_id: task.task_id, at_us: task.end_us ?? 0 };
  const duration = span(task.start_us, task.end_us);
  // Each poke of a rescheduling sensor overwrites its start, so start to end would be the last poke only.
  if (duration !== null && !task.rescheduled) {
    observations.push({ metric: 'taskDuration', labels: [dag, task.task_id], us: duration, within });
  }
  const queue = span(task.queued_us, task.start_us);
  if (queue !== null) observations.push({ metric: 'taskQueue', labels: [dag], us: queue, within });
  const transition = structure ? observeTransition(task, run, tasks, structure) : [];
  return [...observations, ...transition.map((observation) => ({ ...observation, within }))];
}

function observeTransition(task: TaskRow, run: RunRow, tasks: TasksById, structure: DagStructure): Observation[] {
  const fact = transitionTo(task, tasks, structure, run.clear_number);
  if (!fact) return [];
  if (fact.us < 0) return [{ metric: 'taskTransitionNegative', labels: [run.dag_id], us: null }];
  const stages = (['noticed', 'queued', 'started'] as const).flatMap((stage) => {
    const us = fact[`${stage}_us`];
    return us === null ? [] : [{ metric: 'taskTransitionStage' as const, labels: [run.dag_id, stage], us }];
  });
  return [{ metric: 'taskTransition', labels: [run.dag_id], us: fact.us }, ...stages];
}

function span(from: Micros | null, to: Micros | null): Micros | null {
  return from === null || to === null || to < from ? null : to - from;
}
