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

const MAX_INTEGER = 2 ** 31 - 1;

/** Digits only: a plain conversion would read an empty parameter as 0, and 0x10 as 16. */
function wholeNumber(min: number, max: number): z.ZodPreprocess<z.ZodInt> {
  return z.preprocess(
    (given) => (/^-?\d+$/.test(String(given)) ? Number(given) : given),
    z
      .int({ message: 'must be a whole number' })
      .min(min, { message: `must be at least ${min}` })
      .max(max, { message: `must be at most ${max}` }),
  );
}

export const limit = wholeNumber(1, MAX_LIMIT);
/** −1 for a task that is not mapped. */
export const mapIndex = wholeNumber(-1, MAX_INTEGER);
export const tryNumber = wholeNumber(0, MAX_INTEGER);

const EXAMPLE = '2026-01-31T09:30:00Z';

/** RFC 3339 time, or milliseconds since 1970 as in Grafana's time ranges. Parsed to microseconds since 1970. */
export const moment = z
  .string()
  .max(40, { message: `must be a time such as ${EXAMPLE}` })
  .transform((given, context) => {
    const us = /^\d{12,14}$/.test(given) ? Number(given) * 1000 : parseTime(given);
    if (!Number.isNaN(us)) return us;
    // An unescaped + of a query string arrives as a space.
    const isPlus = !Number.isNaN(parseTime(given.replace(/ (?=\d\d:\d\d$)/, '+')));
    const hint = isPlus ? ' (write + as %2B)' : '';
    context.addIssue({
      code: 'custom',
      message: `must be a time such as ${EXAMPLE}${hint}, or milliseconds since 1970`,
    });
    return z.NEVER;
  })
  .meta({ format: 'date-time' });
const RFC3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** NaN if the text is not a time. JavaScript takes the 30th of February for the 2nd of March. */
function parseTime(given: string): number {
  const [, day, time, fraction = '', zone] = RFC3339.exec(given) ?? [];
  const midnight = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return NaN;
  return Date.parse(`${day}T${time}${zone}`) * 1000 + Number(fraction.slice(1, 7).padEnd(6, '0'));
}

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
  const parsed = checked(schema, given, errors);
  const { from, to } = parsed as { from?: number; to?: number };
  if (from !== undefined && to !== undefined && from > to) throw invalid('from', 'must not be after to');
  return parsed;
}

export function invalid(parameter: string, message: string): ApiError {
  return new ApiError('invalid_request', `${parameter} ${message}`, [{ parameter, message }]);
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
