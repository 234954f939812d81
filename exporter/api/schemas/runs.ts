import { z } from 'zod';
import * as api from '../../../shared/api.ts';
import { keys, links, number, runState, taskState, time } from './common.ts';

export const waiting: z.ZodType<api.Waiting> = z.object({
  reason: z.enum(api.WAITING_REASONS),
  since: time.nullable(),
  until: time.nullable(),
  detail: z.string(),
  blockers: z.array(
    z.object({
      dag_id: z.string(),
      run_id: z.string(),
      task_id: z.string().nullable(),
      map_index: z.int().nullable(),
    }),
  ),
  blockers_total: z.int(),
});

export const summaryShape = {
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
  now: time,
  expected_end: time.nullable(),
  waiting: waiting.nullable(),
  keys,
  gone: z.boolean(),
  links,
};

export const runSummary: z.ZodType<api.RunSummary> = z.object(summaryShape);

const progress: z.ZodType<api.RunProgress> = z.object({
  tasks_done: z.int(),
  tasks_total: z.int(),
  current: z.array(
    z.object({
      task_id: z.string(),
      map_index: z.int(),
      state: taskState,
      since: time.nullable(),
      waiting: waiting.nullable(),
    }),
  ),
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
  now: time,
  expected_end: time.nullable(),
  progress: progress.nullable(),
  waiting: waiting.nullable(),
  gone: z.boolean(),
  links,
});

export const usual: z.ZodType<api.UsualDuration> = z.object({
  p50_seconds: number,
  p95_seconds: number,
  runs: z.int(),
});

export const dagSummary: z.ZodType<api.DagSummary> = z.object({
  source: z.string(),
  dag_id: z.string(),
  is_paused: z.boolean(),
  runs_active: z.int(),
  last_run: runSummary.nullable(),
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  usual: usual.nullable(),
});

export const businessKey: z.ZodType<api.BusinessKey> = z.object({
  key: z.string(),
  rules: z.array(z.object({ source: z.string(), rule: z.string() })),
  values: z.array(z.string()),
});
