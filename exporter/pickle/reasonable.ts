import type { PickleValue } from './decode.ts';
import { PickleRefused } from './refused.ts';

const MAX_VALUES = 100_000;
const MAX_DEPTH = 100;

/**
 * Refuses values that would blow up whoever walks or prints them: a pickle can refer to one object many times, or to
 * itself, so a few bytes can unfold without end. Every visit counts, also a repeated one.
 */
export function assertReasonable(root: PickleValue): void {
  let visits = 0;
  const visit = (value: PickleValue, depth: number): void => {
    visits++;
    if (visits > MAX_VALUES) throw new PickleRefused('too_complex', `more than ${MAX_VALUES} values`);
    if (depth > MAX_DEPTH) throw new PickleRefused('too_complex', `nested more than ${MAX_DEPTH} deep`);
    if (Array.isArray(value)) for (const item of value) visit(item, depth + 1);
    else if (value instanceof Map) for (const item of value.values()) visit(item, depth + 1);
  };
  visit(root, 0);
}
