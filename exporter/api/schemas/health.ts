import { z } from 'zod';
import type * as api from '../../../shared/api.ts';
import { keys, links, number, time } from './common.ts';

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

const listed = <Item extends z.ZodType>(item: Item) => z.object({ total: z.int(), items: z.array(item) }).nullable();

export const sourceHealth: z.ZodType<api.SourceHealth> = z.object({
  source: z.string(),
  components: z.array(
    z.object({
      component: z.enum(['scheduler', 'triggerer', 'dag_processor']),
      instance: z.string(),
      hostname: z.string().nullable(),
      alive: z.boolean(),
      state: z.string(),
      latest_heartbeat: time.nullable(),
      heartbeat_age_seconds: number.nullable(),
    }),
  ),
  import_errors: listed(z.object({ file: z.string(), since: time.nullable(), error: z.string().nullable() })),
  deferred_unserved: z.int().nullable(),
  unparsed_dags: listed(z.object({ dag_id: z.string(), last_parsed: time.nullable() })),
  notes: z.array(z.string()),
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
  oldest_ready: z
    .object({
      dag_id: z.string(),
      run_id: z.string().nullable(),
      task_id: z.string().nullable(),
      map_index: number.nullable(),
      since: time,
    })
    .nullable(),
});

export const outage: z.ZodType<api.Outage> = z.object({
  source: z.string(),
  from: time,
  to: time.nullable(),
  duration_seconds: number,
  delayed_runs: z.array(z.object({ dag_id: z.string(), run_id: z.string(), keys, delayed_seconds: number, links })),
});
