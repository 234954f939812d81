import { isLosslessNumber } from 'lossless-json';
import { stringifyJson } from '../../platform/json.ts';

/** Limit for numbers that is well within those of PostgreSQL and JavaScript, even for sums and products. */
export const MOST = 1_000_000;
/** A century, in seconds. */
export const LONGEST_SECONDS = 3_155_760_000;
const EARLIEST = Date.UTC(1900, 0, 1);
const LATEST = Date.UTC(3000, 0, 1);
const DEEPEST = 100;
/** Maximum size of a `conf` as JSON text, in bytes. */
export const LARGEST_CONF = 1024 * 1024;

/** Why a text can't be stored, or null. */
export function textProblem(text: string): string | null {
  if (text.includes('\0')) return 'must not contain a NUL character';
  return text.isWellFormed() ? null : 'must not contain half a character (a lone surrogate)';
}

const DATE = String.raw`(\d{4}-\d{2}-\d{2})`;
const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d`;
const TIME = new RegExp(`^${DATE}T${CLOCK}(?::[0-5]\\d(?:\\.\\d+)?)?(?:Z|[+-]${CLOCK})$`);

/** Parses a time with its offset, such as 2026-01-31T00:00:00Z. Returns an invalid Date for anything else, such as the 30th of February. */
export function timeOf(text: string): Date {
  const day = TIME.exec(text)?.[1];
  const exists = day !== undefined && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day);
  return new Date(exists ? text : NaN);
}

/** Why a time can't be stored or used in calculations, or null. */
export function timeProblem(time: Date): string | null {
  const value = time.getTime();
  if (Number.isNaN(value)) return 'must be a time such as 2026-01-31T00:00:00Z';
  return value >= EARLIEST && value < LATEST ? null : 'must be between the years 1900 and 2999';
}

/** What is wrong with a run's `conf`, with the place in it, or null. */
export function confProblem(conf: unknown): string | null {
  if (typeof conf !== 'object' || conf === null || Array.isArray(conf)) return 'conf: must be a JSON object';
  const problem = valueProblem(conf, ['conf']);
  if (problem) return problem;
  const bytes = Buffer.byteLength(stringifyJson(conf));
  return bytes > LARGEST_CONF ? `conf: has ${bytes} bytes as JSON; it may have ${LARGEST_CONF}` : null;
}

/** JSON.stringify drops these, or converts them to an empty object. */
const NO_JSON = [
  Function,
  Map,
  Set,
  RegExp,
  Error,
  Promise,
  ArrayBuffer,
  Object.getPrototypeOf(Uint8Array) as typeof Uint8Array,
];

/** Describes the first value below `path` that JSON in the database would refuse, round or drop; null if there is none. */
function valueProblem(value: unknown, path: readonly string[]): string | null {
  const at = (problem: string): string => `${path.map(printable).join('.')}: ${problem}`;
  if (path.length > DEEPEST) return `${path[0]}: must not be nested more than ${DEEPEST} levels deep`;
  if (typeof value === 'string') return prefixed(textProblem(value), at);
  if (typeof value === 'number') return prefixed(numberProblem(value), at);
  if (typeof value === 'symbol' || NO_JSON.some((kind) => value instanceof kind))
    return at(
      `must be a JSON value, not a ${value instanceof Object ? value.constructor.name.toLowerCase() : 'symbol'}`,
    );
  if (value instanceof Date) return prefixed(timeProblem(value), at);
  if (typeof value !== 'object' || value === null || isLosslessNumber(value)) return null;
  for (const [key, item] of Object.entries(value)) {
    const keyProblem = textProblem(key);
    if (keyProblem) return at(`a key ${keyProblem}`);
    const problem = valueProblem(item, [...path, key]);
    if (problem) return problem;
  }
  return null;
}

function numberProblem(value: number): string | null {
  if (!Number.isFinite(value)) return `must be a number, not ${value}`;
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return null;
  return `JavaScript has rounded this number; write it as a bigint (${BigInt(value)}n) or as text`;
}

function prefixed(problem: string | null, at: (problem: string) => string): string | null {
  return problem === null ? null : at(problem);
}

/** A key as part of a message: short, on one line. */
function printable(key: string): string {
  return key.length > 40 ? `${key.slice(0, 40)}…` : key;
}
