import { isSafeNumber, LosslessNumber, parse, splitNumber, stringify } from 'lossless-json';

/** A number written out may not have more digits than this on either side of its point. */
const MAX_DIGITS = 1_000;
/** What JSON.parse could round, or read as another number; also found in some strings, which costs only time. */
const MAY_LOSE_DIGITS = /\d[\d.]{15}|\d[eE][+-]?\d/;
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * JSON text as values, without rounding. A number that JavaScript holds exactly is a `number`; a larger whole number is a
 * `bigint`; a fraction with more digits than a `number` holds is a `LosslessNumber`, whose `toString()` has all of them.
 * The last of several equal keys counts. Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  if (!MAY_LOSE_DIGITS.test(text)) return JSON.parse(text) as unknown;
  try {
    return parse(text, undefined, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue });
  } catch (error) {
    // The parser descends with the text.
    if (error instanceof RangeError) throw new SyntaxError('it is nested too deeply', { cause: error });
    throw error;
  }
}

/** The value that a number's text stands for, by the rule of `parseJson`. Throws SyntaxError for one with too many digits. */
export function exactNumber(text: string): number | bigint | LosslessNumber {
  if (isSafeNumber(text)) return Number(text);
  const { sign, digits, exponent } = splitNumber(text);
  if (Math.abs(exponent) > MAX_DIGITS || digits.length > MAX_DIGITS)
    throw new SyntaxError(`a number has more than ${MAX_DIGITS} digits`);
  const zeros = exponent + 1 - digits.length;
  if (zeros < 0) return new LosslessNumber(text);
  return BigInt(`${sign}${digits}${'0'.repeat(zeros)}`);
}

/**
 * The one spelling of a number, from any spelling of it: all digits, without an exponent, a plus or zeros at either end
 * (`1.0` → `1`, `1e-7` → `0.0000001`). Null for anything that is not a JSON number, or has too many digits.
 */
export function plainNumber(text: string): string | null {
  if (!JSON_NUMBER.test(text)) return null;
  const { sign, digits, exponent } = splitNumber(text);
  if (digits === '0') return '0';
  if (Math.abs(exponent) > MAX_DIGITS || digits.length > MAX_DIGITS) return null;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

interface JsonForm {
  /** As for JSON.stringify. */
  replacer?: (key: string, value: unknown) => unknown;
  indent?: number;
}

/** Values as JSON text: what JSON.stringify does, with the digits of `bigint` and `LosslessNumber`. */
export function stringifyJson(value: unknown, { replacer, indent }: JsonForm = {}): string {
  return stringify(value, replacer, indent) ?? 'null';
}
