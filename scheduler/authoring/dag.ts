import type { DagInput } from '../core/definition.ts';
import { DagBuilder, renamed, type DagFunctions, type TaskOptions } from './builder.ts';

/** Marks exports as DAGs. It works across copies of this module. */
export const DAG_MARK = Symbol.for('runbeat.dag');

export interface DagOptions {
  description?: string;
  owner?: string;
  tags?: string[];
  /** The lane of schedulers that run it; `default` if omitted. */
  lane?: string;
  /**
   * A cron expression ("0 6 * * *", "@daily"), `{cron, timezone}`, `{everySeconds}` from 1, "@continuous" (a new run as
   * soon as the last one has ended), or null if runs are only triggered.
   */
  schedule?: string | { cron: string; timezone?: string } | { everySeconds: number } | null;
  startDate?: Date | string;
  /** Whether to create a run for every missed date. */
  catchup?: boolean;
  maxActiveRuns?: number;
  /** Limit over all runs of the DAG. */
  maxActiveTasks?: number;
  /** Default values of `conf`. */
  params?: Record<string, unknown>;
  /** Default options of all tasks. */
  defaults?: TaskOptions;
}

/** A DAG as its file declares it: its stored form, not validated yet, and the functions that its tasks run. */
export interface AuthoredDag {
  [DAG_MARK]: true;
  input: DagInput;
  functions: DagFunctions;
}

/** Declares a DAG, which the file must export. Problems are reported all at once when the file is loaded. */
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
