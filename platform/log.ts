import { destination, pino, type Logger } from 'pino';

export type { Logger };

/** Bytes of log lines that wait for stderr to take them again; further lines are dropped. */
const WAITING_BYTES = 1024 * 1024;

/**
 * Logs JSON lines to stderr, so that stdout is free for the output of commands. The level is `RUNBEAT_LOG_LEVEL` (info).
 * A service must not end because its log can't be written: while the disk of the log is full or its reader is gone, it
 * goes on without a log.
 */
export function createLogger(name: string, level = 'info'): Logger {
  const stderr = destination({ dest: 2, sync: true, maxLength: WAITING_BYTES, retryEAGAIN: () => false });
  // The stream writes what waits before the next line.
  stderr.on('error', () => undefined);
  return pino({ name, level, base: { name, pid: process.pid } }, stderr);
}
