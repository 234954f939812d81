import { z } from 'zod';
import * as api from '../../../shared/api.ts';
import { links, number, runState, time } from './common.ts';

const promiseNames = { promise: z.string(), kind: z.enum(api.PROMISE_KINDS), source: z.string(), dag_id: z.string() };

const promiseStatus: z.ZodType<api.PromiseStatus> = z.object({
  ...promiseNames,
  owner: z.string().nullable(),
  tags: z.array(z.string()),
  limit_seconds: number.nullable(),
  share: number,
  journey: z.object({ key: z.string(), from: z.string() }).nullable(),
  done_by: z.object({ time: z.string(), timezone: z.string(), days: z.string() }).nullable(),
  state: z.enum(api.PROMISE_STATES),
  reason: z.string(),
  due_at: time.nullable(),
  remaining_seconds: number.nullable(),
  overdue_seconds: number,
  allowance: z
    .object({ period_days: z.int(), runs: z.int(), broken: z.int(), allowed: number, left: number })
    .nullable(),
  history: z.array(z.object({ day: z.string(), kept: z.int(), broken: z.int() })),
  will_miss: z.array(z.object({ run_id: z.string(), expected_end: time, due_at: time, links })),
});

export const promisePage: z.ZodType<api.PromisePage> = z.object({
  items: z.array(promiseStatus),
  next_cursor: z.string().nullable(),
  configuration: z.object({
    file: z.string().nullable(),
    loaded_at: time,
    problems: z.array(z.string()),
    warnings: z.array(z.string()),
  }),
});

export const promiseBreak: z.ZodType<api.PromiseBreak> = z.object({
  ...promiseNames,
  at: time,
  run: z
    .object({ dag_id: z.string(), run_id: z.string(), state: runState, duration_seconds: number.nullable(), links })
    .nullable(),
  day: z.string().nullable(),
  journey: z.object({ key: z.string(), value: z.string() }).nullable(),
});

export const promiseSuggestion: z.ZodType<api.PromiseSuggestion> = z.object({
  source: z.string(),
  dag_id: z.string(),
  origin: z.enum(['dagrun_timeout', 'deadline']),
  limit_seconds: number,
  yaml: z.string(),
});
