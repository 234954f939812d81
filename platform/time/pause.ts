import { setTimeout as sleep } from 'node:timers/promises';

/** Node's timers fire immediately if the time is longer than this. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Resolves after this time, or as soon as `signal` aborts. Never rejects. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const bounded = Math.min(Math.max(milliseconds, 0), MAX_TIMER_MS);
  await sleep(bounded, undefined, { signal }).catch(() => undefined);
}
