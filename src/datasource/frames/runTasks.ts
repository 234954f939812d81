import type { DataFrame } from '@grafana/data';
import type { RunDetail, TaskAttempt, TaskInstance } from '../../../shared/api.ts';
import { FRAME_KINDS, RUN_TASKS_FIELDS as F } from '../../data/frameFields.ts';
import { epochOf, groupUpstreams, instanceKey, upstreamEnds } from '../../data/upstreamEnds.ts';
import { count, flag, seconds, state, text, time, type FieldOf } from './fields.ts';
import { frameOf, notices } from './frame.ts';

interface Row {
  task: TaskInstance;
  attempt: TaskAttempt;
  run: RunDetail['run'];
  upstreamEndedAt: number | null;
  critical: boolean;
  upstreams: string;
}

/** Tasks of one run for the Gantt panel, with one row per try (RUN_TASKS_FIELDS). */
export function runTasksFrame(detail: RunDetail): DataFrame {
  return frameOf(
    FRAME_KINDS.runTasks,
    rowsOf(detail),
    COLUMNS,
    {
      preferredVisualisationPluginId: 'runbeat-gantt-panel',
      notices: notices(detail.run.notes),
      custom: { now: epochOf(detail.run.now) },
    },
    detail.run.run_id,
  );
}

function rowsOf(detail: RunDetail): Row[] {
  const critical = new Set(detail.critical_path?.steps.map((step) => instanceKey(step.task_id, step.map_index)));
  const upstreams = groupUpstreams(detail.edges);
  const ends = upstreamEnds(detail, upstreams);
  return detail.tasks.flatMap((task) => {
    const key = instanceKey(task.task_id, task.map_index);
    const upstreamEndedAt = ends.get(key) ?? null;
    const onPath = critical.has(key);
    const listed = JSON.stringify(upstreams.get(task.task_id) ?? []);
    const rowOf = (attempt: TaskAttempt): Row => ({
      task,
      attempt,
      run: detail.run,
      upstreamEndedAt,
      critical: onPath,
      upstreams: listed,
    });
    return [...task.earlier_attempts, task].map(rowOf);
  });
}

const COLUMNS: readonly FieldOf<Row>[] = [
  time(F.startDate, (row) => row.attempt.start_date, { displayName: 'Started' }),
  text(F.taskId, (row) => row.task.task_id, { displayName: 'Task' }),
  count(F.mapIndex, (row) => row.task.map_index),
  count(F.tryNumber, (row) => row.attempt.try_number, { displayName: 'Try' }),
  state(F.state, (row) => row.attempt.state),
  seconds(F.durationSeconds, (row) => row.attempt.duration_seconds, { displayName: 'Ran' }),
  text(F.waiting, (row) => (row.attempt === row.task ? (row.task.waiting?.detail ?? null) : null), {
    displayName: 'Waiting reason',
  }),
  seconds(F.usualSeconds, (row) => row.task.usual?.p50_seconds ?? null, { displayName: 'Usually' }),
  time(F.expectedEnd, (row) => row.task.expected_end, { displayName: 'Expected end' }),
  time(F.scheduledAt, (row) => row.attempt.scheduled_at, { displayName: 'Scheduled' }),
  time(F.queuedAt, (row) => row.attempt.queued_at, { displayName: 'Queued' }),
  time(F.endDate, (row) => row.attempt.end_date, { displayName: 'Ended' }),
  { ...time<Row>(F.upstreamEndedAt, () => null), read: (row) => row.upstreamEndedAt },
  flag(F.onCriticalPath, (row) => row.critical, { displayName: 'On the critical path' }),
  text(F.operator, (row) => row.task.operator, { displayName: 'Operator' }),
  text(F.taskGroup, (row) => row.task.task_group, { displayName: 'Group' }),
  text(F.pool, (row) => row.task.pool, { displayName: 'Pool' }),
  text(F.queue, (row) => row.task.queue, { displayName: 'Queue' }),
  text(F.hostname, (row) => row.attempt.hostname, { displayName: 'Host' }),
  text(F.upstreamTaskIds, (row) => row.upstreams, { displayName: 'Upstreams' }),
  text(F.source, (row) => row.run.source, { displayName: 'Source' }),
  text(F.dagId, (row) => row.run.dag_id, { displayName: 'DAG' }),
  text(F.runId, (row) => row.run.run_id, { displayName: 'Run' }),
];
