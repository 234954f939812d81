import type { MetricKey } from '../../shared/metrics.ts';
import { EXECUTED_TASK_STATES, isFinishedTask } from '../../shared/states.ts';
import type { Micros, RunRow, TaskRow } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import { transitionTo, type TasksById } from './transitions.ts';

/** One thing that happened, for one counter or histogram; labels in the metric's order, without `source`. */
export interface Observation {
  metric: MetricKey;
  labels: readonly string[];
  /** Microseconds; null for a counter, which goes up by one. */
  us: Micros | null;
}

export function observeRun(run: RunRow): Observation[] {
  const observations: Observation[] = [{ metric: 'runsFinished', labels: [run.dag_id, run.state], us: null }];
  const duration = span(run.start_us, run.end_us);
  if (duration !== null) observations.push({ metric: 'runDuration', labels: [run.dag_id, run.state], us: duration });
  const queued = span(run.queued_us, run.start_us);
  if (queued !== null) observations.push({ metric: 'runQueue', labels: [run.dag_id], us: queued });
  return observations;
}

/** What the end of one task instance adds; `structure` is null where its DAG can't be read, which costs the transition only. */
export function observeTask(
  task: TaskRow,
  run: RunRow,
  tasks: TasksById,
  structure: DagStructure | null,
): Observation[] {
  const dag = run.dag_id;
  const observations: Observation[] = [{ metric: 'tasksFinished', labels: [dag, task.state ?? 'none'], us: null }];
  if (!EXECUTED_TASK_STATES.includes(task.state)) return observations;
  const duration = span(task.start_us, task.end_us);
  // A rescheduling sensor's start is overwritten by each poke: start to end is its last poke only.
  if (duration !== null && !task.rescheduled) {
    observations.push({ metric: 'taskDuration', labels: [dag, task.task_id], us: duration });
  }
  const queue = span(task.queued_us, task.start_us);
  if (queue !== null) observations.push({ metric: 'taskQueue', labels: [dag], us: queue });
  if (structure) observations.push(...observeTransition(task, run, tasks, structure));
  return observations;
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

/** Finished instances whose end is not yet in the counters; `emitted` holds the ends that are, by taskKey. */
export function isNewlyFinished(task: TaskRow, emittedEnd: Micros | undefined): boolean {
  return isFinishedTask(task.state) && emittedEnd !== (task.end_us ?? 0);
}
