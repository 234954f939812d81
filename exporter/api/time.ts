import type { Timestamp } from '../../shared/api.ts';
import type { Micros } from '../sources/rows.ts';

/** RFC 3339 only supports years with four digits. */
const EARLIEST_US = Date.parse('0001-01-01T00:00:00Z') * 1000;
const LATEST_US = Date.parse('9999-12-31T23:59:59Z') * 1000;

const DAY_SECONDS = 86_400;
/** The last formatted day. The timestamps of a run are close together, and an answer may contain 20,000 of them. */
let written = { day: NaN, text: '' };

/** RFC 3339 in UTC with microseconds. Moments outside its range of years are moved to the nearest bound. */
export function timestamp(us: Micros): Timestamp;
export function timestamp(us: Micros | null): Timestamp | null;
export function timestamp(us: Micros | null): Timestamp | null {
  if (us === null) return null;
  const bounded = Math.min(Math.max(us, EARLIEST_US), LATEST_US);
  const seconds = Math.floor(bounded / 1e6);
  const day = Math.floor(seconds / DAY_SECONDS);
  if (day !== written.day)
    written = { day, text: new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 'YYYY-MM-DDT'.length) };
  const second = seconds - day * DAY_SECONDS;
  const time = `${twoDigits(Math.floor(second / 3600))}:${twoDigits(Math.floor(second / 60) % 60)}:${twoDigits(second % 60)}`;
  return `${written.text}${time}.${String(Math.round(bounded - seconds * 1e6)).padStart(6, '0')}Z`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** to − from in seconds; null where either is missing. */
export function seconds(from: Micros | null, to: Micros | null): number | null {
  return from === null || to === null ? null : (to - from) / 1e6;
}
