import { z } from 'zod';
import type * as api from '../../../shared/api.ts';
import { links, number, taskState, time } from './common.ts';
import { summaryShape, usual, waiting } from './runs.ts';

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
  usual: usual.nullable(),
  expected_end: time.nullable(),
  waiting: waiting.nullable(),
  external: z.string().nullable(),
  trace_id: z.string().nullable(),
  earlier_attempts: z.array(z.object(attemptShape)),
});

const transitionShape = {
  upstream_task_id: z.string(),
  task_id: z.string(),
  map_index: z.int(),
  ended_at: time,
  started_at: time,
  seconds: number,
  stages: z.object({ noticed: number.nullable(), queued: number.nullable(), started: number.nullable() }),
};

export const transition: z.ZodType<api.Transition> = z.object({
  source: z.string(),
  dag_id: z.string(),
  run_id: z.string(),
  ...transitionShape,
  links,
});

const timeParts = {
  scheduler_seconds: number,
  slot_seconds: number,
  work_seconds: number,
  retry_seconds: number,
  past_seconds: number,
  sensor_seconds: number,
  deferred_seconds: number,
  unknown_seconds: number,
};

const criticalPath: z.ZodType<api.CriticalPath> = z.object({
  steps: z.array(z.object({ task_id: z.string(), map_index: z.int(), state: taskState, ...timeParts })),
  ...timeParts,
  tail_seconds: number,
});

export const runDetail: z.ZodType<api.RunDetail> = z.object({
  run: z.object({
    ...summaryShape,
    conf: z.unknown(),
    clear_number: z.int(),
    notes: z.array(z.string()),
    usual: usual.nullable(),
    trace_id: z.string().nullable(),
  }),
  tasks: z.array(taskInstance),
  edges: z.array(z.object({ upstream_task_id: z.string(), downstream_task_id: z.string() })),
  transitions: z.array(z.object(transitionShape)),
  critical_path: criticalPath.nullable(),
});

export const attemptLog: z.ZodType<api.AttemptLog> = z.object({
  task_id: z.string(),
  map_index: z.int(),
  try_number: z.int(),
  text: z.string(),
  truncated: z.boolean(),
});
