import type { Micros } from '../sources/rows.ts';
import { writtenText } from './writtenText.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const SECOND = 1e6;
/** Longer than any run takes, and far below the range in which microseconds are inexact. */
const MOST_DAYS = 400;

/** Parses `90s`, `3m`, `2h30m` or `1d`. Returns what is wrong if it can't. */
export function parseDuration(given: unknown): Micros | string {
  const text = writtenText(given).trim();
  if (/^\d+(\.\d+)?$/.test(text)) return `${text} has no unit; write ${text}s, ${text}m or ${text}h`;
  if (!/^(\d+(\.\d+)?\s*[smhd]\s*)+$/.test(text))
    return `"${text.slice(0, 50)}" is not a duration; write e.g. 90s, 3m or 2h30m`;
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*([smhd])/g))
    seconds += Number(amount) * UNITS[unit!]!;
  if (seconds <= 0) return 'must be longer than 0s';
  return seconds > MOST_DAYS * UNITS.d! ? `must be at most ${MOST_DAYS}d` : Math.round(seconds * SECOND);
}

/** As a person would write it: 180 s is `3m`. */
export function writeDuration(us: Micros): string {
  let seconds = us / SECOND;
  let text = '';
  for (const unit of ['d', 'h', 'm'] as const) {
    const whole = Math.floor(seconds / UNITS[unit]!);
    if (whole > 0) text += `${whole}${unit}`;
    seconds -= whole * UNITS[unit]!;
  }
  return seconds > 0 || text === '' ? `${text}${Number(seconds.toFixed(6))}s` : text;
}

/** Parses `95%` or 0.95. It must be below 100%, because otherwise the allowance would be 0. Returns what is wrong if it can't. */
export function parseShare(given: unknown): number | string {
  const text = writtenText(given).trim();
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text);
  if (!match) return `"${text.slice(0, 50)}" is not a share; write e.g. 95%`;
  const isPercent = match[2] === '%';
  const share = Number((isPercent ? Number(match[1]) / 100 : Number(match[1])).toFixed(8));
  if (share === 1) {
    return 'a share of 100% allows not one slow run, so that the first would break it for good; write e.g. 99.9%';
  }
  if (share > 1) return isPercent ? 'must be below 100%' : `must be below 1; did you mean ${text}%?`;
  return share > 0 ? share : 'must be above 0%';
}
