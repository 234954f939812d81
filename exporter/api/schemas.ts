import { z } from 'zod';
import type * as api from '../../shared/api.ts';
import { DAG_RUN_STATES, TASK_INSTANCE_STATES } from '../../shared/states.ts';

/** Schemas of everything that the API answers, bound to shared/api.ts by the compiler; OpenAPI is made from them. */

const time = z.string().meta({ format: 'date-time' });
const runState = z.enum(DAG_RUN_STATES);
const taskState = z.enum(TASK_INSTANCE_STATES).nullable();
const number = z.number();
const keys = z.record(z.string(), z.array(z.string()));

const links: z.ZodType<api.RunLinks> = z.object({
  graph: z.string(),
  gantt: z.string(),
  external: z.string().nullable(),
});

const summaryShape = {
  source: z.string(),
  dag_id: z.string(),
  run_id: z.string(),
  run_type: z.string(),
  logical_date: time.nullable(),
  state: runState,
  queued_at: time.nullable(),
  start_date: time.nullable(),
  end_date: time.nullable(),
  duration_seconds: number.nullable(),
  queue_seconds: number.nullable(),
  keys,
  links,
};
export const runSummary: z.ZodType<api.RunSummary> = z.object(summaryShape);

const progress: z.ZodType<api.RunProgress> = z.object({
  tasks_done: z.int(),
  tasks_total: z.int(),
  current: z.array(z.object({ task_id: z.string(), map_index: z.int(), state: taskState, since: time.nullable() })),
});

export const lookupItem: z.ZodType<api.LookupItem> = z.object({
  source: z.string(),
  key: z.string(),
  value: z.string(),
  dag_id: z.string(),
  run_id: z.string(),
  logical_date: time.nullable(),
  state: runState,
  start_date: time.nullable(),
  end_date: time.nullable(),
  duration_seconds: number.nullable(),
  progress: progress.nullable(),
  links,
});

const attemptShape = {
  try_number: z.int(),
  state: taskState,
  scheduled_at: time.nullable(),
  queued_at: time.nullable(),
  start_date: time.nullable(),
  end_date: time.nullable(),
  duration_seconds: number.nullable(),
  hostname: z.string().nullable(),
};

const taskInstance: z.ZodType<api.TaskInstance> = z.object({
  ...attemptShape,
  task_id: z.string(),
  map_index: z.int(),
  operator: z.string().nullable(),
  task_group: z.string().nullable(),
  trigger_rule: z.string(),
  pool: z.string().nullable(),
  queue: z.string().nullable(),
  max_tries: z.int().nullable(),
  earlier_attempts: z.array(z.object(attemptShape)),
});

export const transition: z.ZodType<api.Transition> = z.object({
  source: z.string(),
  dag_id: z.string(),
  run_id: z.string(),
  upstream_task_id: z.string(),
  task_id: z.string(),
  map_index: z.int(),
  ended_at: time,
  started_at: time,
  seconds: number,
  stages: z.object({ noticed: number.nullable(), queued: number.nullable(), started: number.nullable() }),
  links,
});

const criticalPath: z.ZodType<api.CriticalPath> = z.object({
  steps: z.array(
    z.object({
      task_id: z.string(),
      map_index: z.int(),
      waiting_seconds: number,
      queued_seconds: number,
      running_seconds: number,
    }),
  ),
  work_seconds: number,
  scheduler_seconds: number,
  slot_seconds: number,
});

export const runDetail: z.ZodType<api.RunDetail> = z.object({
  run: z.object({ ...summaryShape, conf: z.unknown(), clear_number: z.int(), notes: z.array(z.string()) }),
  tasks: z.array(taskInstance),
  edges: z.array(z.object({ upstream_task_id: z.string(), downstream_task_id: z.string() })),
  transitions: z.array(transition),
  critical_path: criticalPath.nullable(),
});

export const attemptLog: z.ZodType<api.AttemptLog> = z.object({
  task_id: z.string(),
  map_index: z.int(),
  try_number: z.int(),
  text: z.string(),
  truncated: z.boolean(),
});

export const dagSummary: z.ZodType<api.DagSummary> = z.object({
  source: z.string(),
  dag_id: z.string(),
  is_paused: z.boolean(),
  runs_active: z.int(),
  last_run: runSummary.nullable(),
});

export const schedulerStatus: z.ZodType<api.SchedulerStatus> = z.object({
  source: z.string(),
  scheduler: z.string(),
  hostname: z.string().nullable(),
  lane: z.string().nullable(),
  alive: z.boolean(),
  state: z.string(),
  latest_heartbeat: time.nullable(),
  heartbeat_age_seconds: number.nullable(),
});

export const sourceStatus: z.ZodType<api.SourceStatus> = z.object({
  source: z.string(),
  kind: z.enum(['runbeat', 'airflow2', 'airflow3', 'unknown']),
  version: z.string().nullable(),
  up: z.boolean(),
  problem: z.string().nullable(),
  lag_seconds: number.nullable(),
  catchup_progress: number.nullable(),
  oldest_ready_task_age_seconds: number.nullable(),
});

export const outage: z.ZodType<api.Outage> = z.object({
  source: z.string(),
  from: time,
  to: time.nullable(),
  duration_seconds: number,
  delayed_runs: z.array(z.object({ dag_id: z.string(), run_id: z.string(), keys, delayed_seconds: number, links })),
});

export const businessKey: z.ZodType<api.BusinessKey> = z.object({
  key: z.string(),
  rules: z.array(z.object({ source: z.string(), rule: z.string() })),
  values: z.array(z.string()),
});

export const problem: z.ZodType<api.Problem> = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.object({ parameter: z.string(), message: z.string() })).optional(),
});

export function pageOf<Item extends z.ZodType>(
  item: Item,
): z.ZodObject<{ items: z.ZodArray<Item>; next_cursor: z.ZodNullable<z.ZodString> }> {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}
