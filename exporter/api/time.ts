import type { Timestamp } from '../../shared/api.ts';
import type { Micros } from '../sources/rows.ts';

/** RFC 3339 in UTC with microseconds. */
export function timestamp(us: Micros): Timestamp;
export function timestamp(us: Micros | null): Timestamp | null;
export function timestamp(us: Micros | null): Timestamp | null {
  if (us === null) return null;
  const seconds = Math.floor(us / 1e6);
  const fraction = String(us - seconds * 1e6).padStart(6, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** to − from in seconds; null where either is missing. */
export function seconds(from: Micros | null, to: Micros | null): number | null {
  return from === null || to === null ? null : (to - from) / 1e6;
}
