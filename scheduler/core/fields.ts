import { z } from 'zod';
import { runIdProblem } from './runIds.ts';
import { confProblem, LONGEST_SECONDS, MOST, textProblem, timeOf, timeProblem } from './storable.ts';

/** Schemas of fields in DAG files and requests. They only accept values that the database and the timers can hold. */

type Problem<Value> = (value: Value) => string | null;

/** Adds the problem that `find` returns. */
function refuse<Value>(find: Problem<Value>) {
  return (value: Value, context: z.RefinementCtx): void => {
    const message = find(value);
    if (message !== null) context.addIssue({ code: 'custom', message });
  };
}

const ID = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,249}$/;
export const id = z
  .string({ message: 'must be text' })
  .regex(ID, { message: 'must be letters, digits, _, . and -, at most 250' });

export const lane = z
  .string({ message: 'must be text' })
  .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, { message: 'must be lower-case letters, digits, _ and -, at most 32' });

/** Text of at most `most` characters, which may be empty. */
export const anyText = (most: number): z.ZodString =>
  z
    .string({ message: 'must be text' })
    .max(most, { message: `must have at most ${most} characters` })
    .superRefine(refuse(textProblem));

export const text = (most: number): z.ZodString => anyText(most).min(1, { message: 'must not be empty' });

/** A name such as a pool's: short enough for an index. */
export const name = text(250);

const anySeconds = z
  .number({ message: 'must be a number of seconds' })
  .max(LONGEST_SECONDS, { message: `must be ${LONGEST_SECONDS} seconds (a century) or less` });
export const seconds = anySeconds.positive({ message: 'must be above 0 seconds' });
export const delay = anySeconds.min(0, { message: 'must be 0 seconds or more' });

export const count = (least: number, most = MOST): z.ZodNumber =>
  z
    .int({ message: 'must be a whole number' })
    .min(least, { message: `must be ${least} or more` })
    .max(most, { message: `must be ${most} or less` });

export const flag = z.boolean({ message: 'must be true or false' });

export const time = z
  .string({ message: 'must be a time such as 2026-01-31T00:00:00Z' })
  .superRefine(refuse((value) => timeProblem(timeOf(value))));

export const runId = z.string({ message: 'must be text' }).superRefine(refuse(runIdProblem));

/** A mapping of JSON values, passed on unchanged. Messages name the place of a problem in it. */
export const conf = z
  .custom<Record<string, unknown>>()
  .superRefine(refuse((value) => confProblem(value)?.replace(/^conf(: |\.)/, '') ?? null));

/** A variable of the environment. Numbers and booleans are converted to text; other values are refused. */
export const variable = (most: number) =>
  z
    .union([z.string(), z.number(), z.bigint(), z.boolean()], { message: 'must be text' })
    .transform(String)
    .pipe(anyText(most));
