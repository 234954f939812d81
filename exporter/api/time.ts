import type { Timestamp } from '../../shared/api.ts';
import type { Micros } from '../sources/rows.ts';

/** RFC 3339 only supports years with four digits. */
const EARLIEST_US = Date.parse('0001-01-01T00:00:00Z') * 1000;
const LATEST_US = Date.parse('9999-12-31T23:59:59Z') * 1000;

const DAY_SECONDS = 86_400;
/** Seconds and the day that were formatted last. The timestamps of a run are close together, and an answer may contain 30,000 of them. */
const writtenSeconds = Array.from({ length: 64 }, () => ({ seconds: NaN, text: '' }));
let writtenDay = { day: NaN, text: '' };

/** RFC 3339 in UTC with microseconds. Moments outside its range of years are moved to the nearest bound. */
export function timestamp(us: Micros): Timestamp;
export function timestamp(us: Micros | null): Timestamp | null;
export function timestamp(us: Micros | null): Timestamp | null {
  if (us === null) return null;
  const bounded = Math.min(Math.max(us, EARLIEST_US), LATEST_US);
  const seconds = Math.floor(bounded / 1e6);
  const written = writtenSeconds[seconds & 63]!;
  if (written.seconds !== seconds) {
    written.text = upToSecond(seconds);
    written.seconds = seconds;
  }
  return `${written.text}${String(1e6 + Math.round(bounded - seconds * 1e6)).slice(1)}Z`;
}

/** Everything before the microseconds. */
function upToSecond(seconds: number): string {
  const day = Math.floor(seconds / DAY_SECONDS);
  if (day !== writtenDay.day)
    writtenDay = { day, text: new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 'YYYY-MM-DDT'.length) };
  const second = seconds - day * DAY_SECONDS;
  return `${writtenDay.text}${twoDigits(Math.floor(second / 3600))}:${twoDigits(Math.floor(second / 60) % 60)}:${twoDigits(second % 60)}.`;
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** to − from in seconds; null where either is missing. */
export function seconds(from: Micros | null, to: Micros | null): number | null {
  return from === null || to === null ? null : (to - from) / 1e6;
}
