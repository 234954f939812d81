import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../../platform/log.ts';

/** SQLSTATE classes and codes that say "not now": connection exceptions, too many connections, operator intervention. */
const TRANSIENT = [/^08/, /^53/, /^57P0/, /^40/];
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;

/** Whether the same statement may well succeed later. An error that did not come from the server came from the way to it. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true;
  return TRANSIENT.some((pattern) => pattern.test(error.code ?? ''));
}

/** Repeats `work` until the database is back; gives up at an error that is no matter of time, or when `signal` aborts. */
export async function untilAvailable<Result>(
  work: () => Promise<Result>,
  logger: Logger,
  signal?: AbortSignal,
): Promise<Result> {
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, MAX_DELAY_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || signal?.aborted) throw error;
      logger.warn({ reason: (error as Error).message }, 'the database is not available; trying again');
      // Aborted meanwhile, it tries once more and then gives up.
      await sleep(delay, undefined, { signal }).catch(() => undefined);
    }
  }
}
