import { isSafeNumber, LosslessNumber, parse, splitNumber, stringify } from 'lossless-json';

/** Maximum number of digits of a number on either side of its decimal point. */
const MAX_DIGITS = 1_000;
/** Matches numbers that JSON.parse could round. It also matches some strings, which only costs time. */
const MAY_LOSE_DIGITS = /\d[\d.]{15}|\d[eE][+-]?\d/;
const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/**
 * Parses JSON without rounding. A number that JavaScript can represent exactly becomes a `number`, a larger integer a `bigint`, and a
 * fraction with more digits than a `number` has a `LosslessNumber`, whose `toString()` returns all of them. If a key occurs several
 * times, the last one counts. Throws a SyntaxError.
 */
export function parseJson(text: string): unknown {
  if (!MAY_LOSE_DIGITS.test(text)) return JSON.parse(text) as unknown;
  try {
    return parse(text, undefined, { parseNumber: exactNumber, onDuplicateKey: ({ newValue }) => newValue });
  } catch (error) {
    // The parser is recursive.
    if (error instanceof RangeError) throw new SyntaxError('it is nested too deeply', { cause: error });
    throw error;
  }
}

/** Parses a number by the rules of `parseJson`. Throws a SyntaxError if it has too many digits. */
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
 * Normalizes the spelling of a number: all digits, without an exponent, a plus sign, or redundant zeros (`1.0` → `1`, `1e-7` →
 * `0.0000001`). Null if the text is not a JSON number, or has too many digits.
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

/** As JSON.stringify, with all digits of `bigint` and `LosslessNumber`. */
export function stringifyJson(value: unknown, { replacer, indent }: JsonForm = {}): string {
  return stringify(value, replacer, indent) ?? 'null';
}
