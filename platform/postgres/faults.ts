import pg from 'pg';
import type { Logger } from '../log.ts';
import { retry } from '../time/backoff.ts';

/**
 * What to make of a failed statement:
 * - `unreachable`: the server, or the way to it, is gone or accepts no connections;
 * - `temporary`: the server answered that it can't do this now; the same statement may succeed later;
 * - `permanent`: the statement, its values or our code is wrong; retrying does not help.
 */
export type DatabaseFault = 'unreachable' | 'temporary' | 'permanent';

/** Connection exceptions, too many connections, and a server that is starting or stopping. */
const UNREACHABLE_STATES = /^(08|53300$|57P0)/;
/**
 * Rolled back for another transaction (40), short of resources such as disk space (53), cancelled (57014), an error of the
 * file system (58), locked (55), and a server that is read-only because it is a standby or being moved (25006).
 */
const TEMPORARY_STATES = /^(40|53|57014$|58|55P03$|55006$|25006$|25P0[34]$)/;

/** Node's codes for a connection that was not made, or is lost. */
const UNREACHABLE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  // The folder of a Unix socket is there before the server is.
  'ENOENT',
]);
/** The driver gives its own errors no code. */
const UNREACHABLE_MESSAGES =
  /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Query read timeout|Client (has encountered a connection error|was closed) and is not queryable)/;

export function faultOf(error: unknown): DatabaseFault {
  if (error instanceof AggregateError) return faultOf(error.errors[0]);
  if (error instanceof pg.DatabaseError) return faultOfState(error.code ?? '');
  if (!(error instanceof Error)) return 'permanent';
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code !== undefined && UNREACHABLE_CODES.has(code) && (code !== 'ENOENT' || syscall === 'connect'))
    return 'unreachable';
  return UNREACHABLE_MESSAGES.test(error.message) ? 'unreachable' : 'permanent';
}

function faultOfState(state: string): DatabaseFault {
  if (UNREACHABLE_STATES.test(state)) return 'unreachable';
  return TEMPORARY_STATES.test(state) ? 'temporary' : 'permanent';
}

/** Whether the same work may well succeed later. */
export function isTransient(error: unknown): boolean {
  return faultOf(error) !== 'permanent';
}

/**
 * Repeats `work` until the database can do it, and logs that it waits. A permanent fault is thrown at once; when `signal`
 * aborts, the last fault is.
 */
export function untilAvailable<Result>(
  work: () => Promise<Result>,
  logger: Logger,
  signal?: AbortSignal,
): Promise<Result> {
  return retry(work, {
    signal,
    isRetryable: isTransient,
    onRetry: (error, pauseMs) =>
      logger.warn(
        { reason: (error as Error).message, retryInMs: Math.round(pauseMs) },
        'the database is not available; trying again',
      ),
  });
}
