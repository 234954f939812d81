import { destination, pino, type Logger } from 'pino';

export type { Logger };

/** Logs JSON lines to stderr, so that stdout is free for the output of commands. The level is `RUNBEAT_LOG_LEVEL` (info). */
export function createLogger(name: string, level = 'info'): Logger {
  return pino({ name, level, base: { name, pid: process.pid } }, destination({ dest: 2, sync: true }));
}
