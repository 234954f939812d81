import pg from 'pg';
import type { Logger } from '../log.ts';
import { retry } from '../time/backoff.ts';

/**
 * Classes of failed statements:
 * - `unreachable`: the server, or the connection to it, is down, or the server accepts no connections;
 * - `temporary`: the server answered that it can't do this now; the same statement may succeed later;
 * - `permanent`: the statement, its values or our code is wrong; retrying does not help.
 */
export type DatabaseFault = 'unreachable' | 'temporary' | 'permanent';

/** Connection exceptions, too many connections, and a server that is starting or stopping. */
const UNREACHABLE_STATES = /^(08|53300$|57P0)/;
/**
 * Rolled back because of another transaction (40), out of resources such as disk space (53), cancelled (57014), an error of the file
 * system (58), locked (55), and a server that is read-only because it is a standby or is being moved (25006).
 */
const TEMPORARY_STATES = /^(40|53|57014$|58|55P03$|55006$|25006$|25P0[34]$)/;

/** Node's codes for a connection that could not be made, or was lost. */
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
  // The folder of a Unix socket may exist before the server does.
  'ENOENT',
]);
/** The driver's own errors have no code. */
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

/** Whether the same work may succeed later. */
export function isTransient(error: unknown): boolean {
  return faultOf(error) !== 'permanent';
}

/**
 * Repeats `work` until the database is available, and logs that it waits. Throws a permanent error immediately, and the last error when
 * `signal` aborts.
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
