import type { RunDetail, TaskAttempt } from '../../../shared/api.ts';
import { instanceKey } from '../../data/upstreamEnds.ts';

/** One try of one task instance: a row of the table, and what a log belongs to. */
export interface AttemptRow extends TaskAttempt {
  taskId: string;
  mapIndex: number;
  task: string;
  /** URL of the task instance in Airflow's UI. */
  external: string | null;
  /** Only known for the newest try. */
  traceId: string | null;
}

/**
 * Tries that were queued or started. A task that waits for its upstreams has none. Neither has a task in the state upstream_failed, which
 * Airflow gives a start, but no try.
 */
export function attemptRows(detail: RunDetail): AttemptRow[] {
  return detail.tasks.flatMap((task) =>
    [...task.earlier_attempts, task]
      .filter((attempt) => attempt.try_number > 0 && (attempt.start_date !== null || attempt.queued_at !== null))
      .map(({ try_number, state, scheduled_at, queued_at, start_date, end_date, duration_seconds, hostname }) => ({
        taskId: task.task_id,
        mapIndex: task.map_index,
        task: instanceKey(task.task_id, task.map_index),
        external: task.external,
        traceId: try_number === task.try_number ? task.trace_id : null,
        ...{ try_number, state, scheduled_at, queued_at, start_date, end_date, duration_seconds, hostname },
      })),
  );
}
