import { LosslessNumber } from 'lossless-json';
import { plainNumber } from '../../platform/json.ts';
import { Unreadable } from './unreadable.ts';

/** Maximum nesting of lists and dicts; no real conf is nested deeper. */
export const MAX_CONF_DEPTH = 64;
const NAMED_PATHS = 5;

/**
 * The values at a path of a conf. The path goes into members of lists, even of nested lists. Numbers are normalized to one spelling,
 * so that the same number is found whichever Airflow wrote it. A null in the result stands for a value that can't be looked up:
 * it is not a JSON scalar, or is nested too deeply.
 */
export function valuesAt(value: unknown, path: readonly string[]): (string | null)[] {
  const found: (string | null)[] = [];
  collect(value, path, 0, 0, found);
  return found;
}

function collect(value: unknown, path: readonly string[], step: number, depth: number, found: (string | null)[]): void {
  if (depth > MAX_CONF_DEPTH) found.push(null);
  else if (Array.isArray(value)) for (const item of value) collect(item, path, step, depth + 1, found);
  else if (step === path.length) {
    if (isScalar(value)) found.push(spelled(value));
  } else if (value instanceof Unreadable) found.push(null);
  else if (typeof value === 'object' && value !== null && Object.hasOwn(value, path[step]!)) {
    collect((value as Record<string, unknown>)[path[step]!], path, step + 1, depth + 1, found);
  }
}

type Scalar = string | number | bigint | boolean | LosslessNumber | Unreadable;

function isScalar(value: unknown): value is Scalar {
  return (
    ['string', 'number', 'bigint', 'boolean'].includes(typeof value) ||
    value instanceof LosslessNumber ||
    value instanceof Unreadable
  );
}

function spelled(value: Scalar): string | null {
  if (typeof value === 'string') return value;
  if (value instanceof Unreadable) return null;
  return typeof value === 'boolean' ? String(value) : plainNumber(String(value));
}

/**
 * A conf for a person to read: numbers that JavaScript would round become texts, and values that JSON can't represent become null.
 * The note names the paths of the latter; it is null if there are none.
 */
export function shownConf(conf: unknown): { conf: unknown; note: string | null } {
  const unreadable: string[] = [];
  const shown = show(conf, [], unreadable);
  if (unreadable.length === 0) return { conf: shown, note: null };
  const named = unreadable.slice(0, NAMED_PATHS).join(', ');
  const more = unreadable.length > NAMED_PATHS ? ` and ${unreadable.length - NAMED_PATHS} more` : '';
  return { conf: shown, note: `Values of its conf that can't be shown are omitted: ${named}${more}.` };
}

function show(value: unknown, path: readonly string[], unreadable: string[]): unknown {
  if (typeof value === 'bigint' || value instanceof LosslessNumber) return String(value);
  const unshown = typeof value === 'number' && !Number.isFinite(value) ? String(value) : kindOfUnshown(value, path);
  if (unshown !== null) {
    unreadable.push(`${path.join('.') || 'all of it'} (${unshown})`);
    return null;
  }
  if (Array.isArray(value)) return value.map((item, at) => show(item, [...path, String(at)], unreadable));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, show(part, [...path, key], unreadable)]));
}

function kindOfUnshown(value: unknown, path: readonly string[]): string | null {
  if (value instanceof Unreadable) return value.kind;
  return path.length > MAX_CONF_DEPTH ? 'nested too deeply' : null;
}
