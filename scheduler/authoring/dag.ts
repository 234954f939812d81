import type { DagInput } from '../core/definition.ts';
import { DagBuilder, renamed, type DagFunctions, type TaskOptions } from './builder.ts';

/** How a module's exports are known as DAGs, across copies of this module. */
export const DAG_MARK = Symbol.for('runbeat.dag');

export interface DagOptions {
  description?: string;
  owner?: string;
  tags?: string[];
  /** Scheduler that runs it; `default` when left out. */
  lane?: string;
  /**
   * A cron expression ("0 6 * * *", "@daily"), `{cron, timezone}`, `{everySeconds}` from 1, "@continuous" (a new run as
   * soon as the last one has ended), or null for runs that are triggered.
   */
  schedule?: string | { cron: string; timezone?: string } | { everySeconds: number } | null;
  startDate?: Date | string;
  /** Make up for the dates that were missed. */
  catchup?: boolean;
  maxActiveRuns?: number;
  /** Over all runs of the DAG. */
  maxActiveTasks?: number;
  /** Values of `conf` where a run brings none of its own. */
  params?: Record<string, unknown>;
  /** Options of every task that says nothing else. */
  defaults?: TaskOptions;
}

/** A DAG as its file gives it: its stored form, not yet checked, and the functions that its tasks run. */
export interface AuthoredDag {
  [DAG_MARK]: true;
  input: DagInput;
  functions: DagFunctions;
}

/** Declares a DAG. It must be exported from its file. Faults are found when the file is loaded, and named all at once. */
export function dag<Conf = Record<string, unknown>>(
  id: string,
  options: DagOptions,
  build: (builder: DagBuilder<Conf>) => void,
): AuthoredDag {
  const builder = new DagBuilder<Conf>(options.defaults ?? {});
  build(builder);
  return { [DAG_MARK]: true, input: inputOf(id, options, builder), functions: builder.functions };
}

function inputOf(id: string, options: DagOptions, builder: { tasks: DagInput['tasks'] }): DagInput {
  const { startDate, schedule, maxActiveRuns, defaults: _, ...own } = options;
  return {
    dag_id: id,
    ...renamed(own, { maxActiveTasks: 'max_active_tasks' }),
    schedule: scheduleOf(schedule),
    start_date: startDate instanceof Date ? (startDate.toJSON() ?? 'invalid date') : startDate,
    max_active_runs: maxActiveRuns ?? (schedule === '@continuous' ? 1 : undefined),
    tasks: builder.tasks,
  };
}

function scheduleOf(schedule: DagOptions['schedule']): DagInput['schedule'] {
  if (schedule === undefined || schedule === null) return null;
  if (schedule === '@continuous') return { continuous: true };
  if (typeof schedule === 'string') return { cron: schedule };
  if (!('everySeconds' in schedule)) return schedule;
  const { everySeconds, ...unknown } = schedule;
  return { interval_seconds: everySeconds, ...unknown };
}
