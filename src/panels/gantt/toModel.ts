import type { DataFrame } from '@grafana/data';
import type { RunDetail, TaskAttempt, TaskInstance } from '../../../shared/api.ts';
import { isFinishedRun, type TaskInstanceState } from '../../../shared/states.ts';
import { rowReader, type RowReader } from '../../data/readFrame.ts';
import { customOf, RUN_TASKS_FIELDS as FIELDS } from '../../data/frameFields.ts';
import { epochOf, groupUpstreams, instanceKey, upstreamEnds } from '../../data/upstreamEnds.ts';
import type { RawAttempt } from './attempts.ts';
import { buildModel, type RawTask, type TaskIdentity } from './buildModel.ts';
import type { GanttModel } from './model.ts';

/** Converts the exporter's answer about one run into the Gantt's model. */
export function ganttFromRun(detail: RunDetail): GanttModel {
  const { run } = detail;
  const critical = new Set(detail.critical_path?.steps.map((step) => instanceKey(step.task_id, step.map_index)));
  const upstreams = groupUpstreams(detail.edges);
  const ends = upstreamEnds(detail, upstreams);
  const raws = detail.tasks.map((task): RawTask => {
    const key = instanceKey(task.task_id, task.map_index);
    return {
      identity: identityOf(run, task, critical.has(key)),
      upstreamEndedAt: ends.get(key) ?? null,
      attempts: [...task.earlier_attempts, task].map(attemptOf),
    };
  });
  return buildModel(raws, {
    closedAt: isFinishedRun(run.state) ? epochOf(run.end_date) : null,
    upstreamsOf: (taskId) => upstreams.get(taskId) ?? [],
    answeredAt: epochOf(run.now),
    notes: run.notes,
  });
}

function identityOf(run: RunDetail['run'], task: TaskInstance, critical: boolean): TaskIdentity {
  return {
    source: run.source,
    dagId: run.dag_id,
    runId: run.run_id,
    taskId: task.task_id,
    mapIndex: task.map_index,
    taskGroup: task.task_group,
    operator: task.operator,
    pool: task.pool,
    queue: task.queue,
    hostname: task.hostname,
    critical,
    waiting: task.waiting?.detail ?? null,
    usualSeconds: task.usual?.p50_seconds ?? null,
    expectedEnd: epochOf(task.expected_end),
  };
}

function attemptOf(attempt: TaskAttempt): RawAttempt {
  return {
    tryNumber: attempt.try_number,
    state: attempt.state,
    scheduledAt: epochOf(attempt.scheduled_at),
    queuedAt: epochOf(attempt.queued_at),
    startDate: epochOf(attempt.start_date),
    endDate: epochOf(attempt.end_date),
  };
}

/** Whether a frame can be drawn: it names tasks and has at least the timestamps of their work. */
export function isRunTasksFrame(frame: DataFrame): boolean {
  const names = new Set(frame.fields.map((field) => field.name));
  return names.has(FIELDS.taskId) && (names.has(FIELDS.startDate) || names.has(FIELDS.scheduledAt));
}

/** Converts frames of the query type "Run tasks" (RUN_TASKS_FIELDS) into the Gantt's model; ignores other frames. */
export function ganttFromFrames(frames: readonly DataFrame[]): GanttModel {
  const raws = new Map<string, RawTask>();
  const upstreams = new Map<string, () => string[]>();
  const notes: string[] = [];
  let answeredAt: number | null = null;
  for (const frame of frames.filter(isRunTasksFrame)) {
    const { now = null } = customOf(frame);
    if (now !== null) answeredAt = Math.max(answeredAt ?? now, now);
    for (const notice of frame.meta?.notices ?? []) notes.push(notice.text);
    const row = rowReader(frame);
    for (let at = 0; at < frame.length; at++) {
      const taskId = row.text(FIELDS.taskId, at);
      if (taskId === null) continue;
      addRow(raws, taskId, row, at);
      upstreams.set(taskId, () => row.list(FIELDS.upstreamTaskIds, at));
    }
  }
  for (const raw of raws.values()) raw.attempts.sort((a, b) => a.tryNumber - b.tryNumber);
  return buildModel([...raws.values()], {
    closedAt: null,
    upstreamsOf: (taskId) => upstreams.get(taskId)?.() ?? [],
    answeredAt,
    notes,
  });
}

function addRow(raws: Map<string, RawTask>, taskId: string, row: RowReader, at: number): void {
  const source = row.text(FIELDS.source, at) ?? '';
  const dagId = row.text(FIELDS.dagId, at) ?? '';
  const runId = row.text(FIELDS.runId, at) ?? '';
  const mapIndex = row.number(FIELDS.mapIndex, at) ?? -1;
  const key = `${source}\n${dagId}\n${runId}\n${taskId}\n${mapIndex}`;
  const attempt = readAttempt(row, at);
  const known = raws.get(key);
  if (known) {
    known.attempts.push(attempt);
    known.identity.critical ||= row.flag(FIELDS.onCriticalPath, at);
    known.identity.waiting ??= row.text(FIELDS.waiting, at);
    known.upstreamEndedAt ??= row.number(FIELDS.upstreamEndedAt, at);
    return;
  }
  const identity: TaskIdentity = {
    source,
    dagId,
    runId,
    taskId,
    mapIndex,
    taskGroup: row.text(FIELDS.taskGroup, at),
    operator: row.text(FIELDS.operator, at),
    pool: row.text(FIELDS.pool, at),
    queue: row.text(FIELDS.queue, at),
    hostname: row.text(FIELDS.hostname, at),
    critical: row.flag(FIELDS.onCriticalPath, at),
    waiting: row.text(FIELDS.waiting, at),
    usualSeconds: row.number(FIELDS.usualSeconds, at),
    expectedEnd: row.number(FIELDS.expectedEnd, at),
  };
  raws.set(key, { identity, upstreamEndedAt: row.number(FIELDS.upstreamEndedAt, at), attempts: [attempt] });
}

/** Computes a missing end from the duration, so that a table with starts and durations alone can be drawn. */
function readAttempt(row: RowReader, at: number): RawAttempt {
  const startDate = row.number(FIELDS.startDate, at);
  const seconds = row.number(FIELDS.durationSeconds, at);
  const state = row.text(FIELDS.state, at) as TaskInstanceState;
  const finished = state !== 'running' && state !== 'deferred' && state !== 'awaiting_input';
  const endFromDuration = startDate !== null && seconds !== null && finished ? startDate + seconds * 1000 : null;
  return {
    tryNumber: row.number(FIELDS.tryNumber, at) ?? 1,
    state,
    scheduledAt: row.number(FIELDS.scheduledAt, at),
    queuedAt: row.number(FIELDS.queuedAt, at),
    startDate,
    endDate: row.number(FIELDS.endDate, at) ?? endFromDuration,
  };
}
