import { z } from 'zod';
import type * as api from '../../../shared/api.ts';
import { DAG_RUN_STATES, TASK_INSTANCE_STATES } from '../../../shared/states.ts';

export const time = z.string().meta({ format: 'date-time' });
export const runState = z.enum(DAG_RUN_STATES);
export const taskState = z.enum(TASK_INSTANCE_STATES).nullable();
export const number = z.number();
export const keys = z.record(z.string(), z.array(z.string()));

export const links: z.ZodType<api.RunLinks> = z.object({
  graph: z.string(),
  gantt: z.string(),
  external: z.string().nullable(),
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
