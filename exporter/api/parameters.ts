import { z } from 'zod';
import { DAG_RUN_STATES } from '../../shared/states.ts';
import { ApiError } from './problems.ts';

/** Parameters of the API. A query parameter may be given only once, unless its schema accepts several values. */

export const MAX_LIMIT = 500;
const MAX_NAME = 250;
/** Maximum number of errors in one answer, so that it does not become much larger than the request. */
const MAX_ERRORS = 10;

function text(max: number): z.ZodString {
  return z
    .string()
    .min(1, { message: 'must not be empty' })
    .max(max, { message: `must have at most ${max} characters` })
    .regex(/^[^\0]*$/, { message: 'must not contain a NUL character' });
}

export const name = text(MAX_NAME);
export const value = text(512);
export const values = z
  .preprocess(
    (given) => (Array.isArray(given) ? given : [given]),
    z.array(value).max(100, { message: 'must be given at most 100 times' }),
  )
  .meta({ repeated: true });
export const state = z.enum(DAG_RUN_STATES, { message: `must be one of ${DAG_RUN_STATES.join(', ')}` });
export const limit = z.coerce
  .number({ message: 'must be a whole number' })
  .int({ message: 'must be a whole number' })
  .min(1, { message: 'must be at least 1' })
  .max(MAX_LIMIT, { message: `must be at most ${MAX_LIMIT}` });

const MAX_INTEGER = 2 ** 31 - 1;

function wholeNumber(min: number): z.ZodCoercedNumber {
  return z.coerce
    .number({ message: 'must be a whole number' })
    .int({ message: 'must be a whole number' })
    .min(min, { message: `must be at least ${min}` })
    .max(MAX_INTEGER, { message: `must be at most ${MAX_INTEGER}` });
}

/** −1 for a task that is not mapped. */
export const mapIndex = wholeNumber(-1);
export const tryNumber = wholeNumber(0);

/** RFC 3339 time, or milliseconds since 1970 as in Grafana's time ranges. Parsed to microseconds since 1970. */
export const moment = z
  .string()
  .max(40, { message: 'must be a time such as 2026-01-31T09:30:00Z' })
  .transform((given, context) => {
    const ms = /^\d{12,14}$/.test(given) ? Number(given) : RFC3339.test(given) ? Date.parse(given) : NaN;
    if (!Number.isNaN(ms)) return ms * 1000;
    context.addIssue({
      code: 'custom',
      message: 'must be a time such as 2026-01-31T09:30:00Z, or milliseconds since 1970',
    });
    return z.NEVER;
  })
  .meta({ format: 'date-time' });
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

export type Shape = Readonly<Record<string, z.ZodType>>;
export type Parsed<Parameters extends Shape> = { [Name in keyof Parameters]: z.output<Parameters[Name]> };

/** Parses a query string. Throws an ApiError that names every parameter that is invalid, unknown or given twice. */
export function parseQuery(schema: z.ZodObject, query: URLSearchParams): Record<string, unknown> {
  const shape: Shape = schema.shape;
  const errors = [...new Set(query.keys())].flatMap((parameter) => nameErrors(shape, query, parameter));
  const given: Record<string, unknown> = {};
  for (const [parameter, type] of Object.entries(shape)) {
    const all = query.getAll(parameter);
    if (all.length > 0) given[parameter] = isRepeated(type) ? all : all[0];
  }
  return checked(schema, given, errors);
}

function nameErrors(shape: Shape, query: URLSearchParams, parameter: string): { parameter: string; message: string }[] {
  const shown = parameter.slice(0, 100);
  if (!Object.hasOwn(shape, parameter)) {
    const known = Object.keys(shape).join(', ') || 'none';
    return [{ parameter: shown, message: `is not a parameter here; those are: ${known}` }];
  }
  const once = query.getAll(parameter).length === 1 || isRepeated(shape[parameter]!);
  return once ? [] : [{ parameter: shown, message: 'must be given once' }];
}

export function isRepeated(schema: z.ZodType): boolean {
  return schema.meta()?.repeated === true;
}

/** Validates the parts of the path, like a query. */
export function checked(
  schema: z.ZodObject,
  given: Record<string, unknown>,
  errors: { parameter: string; message: string }[] = [],
): Record<string, unknown> {
  const result = schema.safeParse(given);
  const issues = result.success
    ? []
    : result.error.issues.map((issue) => {
        const parameter = String(issue.path[0] ?? '');
        return { parameter, message: parameter in given ? issue.message : 'is missing' };
      });
  const all = [...errors, ...issues];
  if (all.length === 0) return result.data!;
  const named = all.slice(0, MAX_ERRORS);
  const more = all.length > named.length ? `; and ${all.length - named.length} more` : '';
  const detail = named.map((error) => `${error.parameter} ${error.message}`).join('; ');
  throw new ApiError('invalid_request', `${detail}${more}`, named);
}
