import { z } from 'zod';

/** A duration in Prometheus's format: units in descending order, each at most once (prometheus/common model.ParseDuration). */
export const promDuration = z
  .string()
  .regex(/^(?=.)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/, 'must be a duration such as 1m30s');

export const labels = z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'must be a label name'), z.string().min(1));

export const host = z.string().regex(/^[\w.-]+:\d{1,5}$/, 'must be host:port');

/** The seconds of a valid promDuration. */
export function toSeconds(duration: string): number {
  const size: Record<string, number> = { y: 31_536_000, w: 604_800, d: 86_400, h: 3_600, m: 60, s: 1, ms: 0.001 };
  return [...duration.matchAll(/(\d+)(ms|[ywdhms])/g)].reduce((sum, [, n, unit]) => sum + Number(n) * size[unit!]!, 0);
}
