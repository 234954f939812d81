import { destination, pino, type Logger } from 'pino';

export type { Logger };

/** JSON lines on stderr, so that stdout stays free for a command's own answer. Level from `RUNBEAT_LOG_LEVEL` (info). */
export function createLogger(name: string, level = 'info'): Logger {
  return pino({ name, level, base: { name, pid: process.pid } }, destination({ dest: 2, sync: true }));
}
