import type pg from 'pg';
import { createLogger } from '../platform/log.ts';
import { UserError } from '../platform/errors.ts';
import { loadSchedulerConfig, type SchedulerConfig } from '../scheduler/config.ts';
import { hasSchedulerTables } from '../scheduler/store/control.ts';
import { createPool } from '../scheduler/store/database.ts';

/** Lends the scheduler's database to a command and closes it afterwards. */
export async function withSchedulerDatabase<Result>(
  use: (pool: pg.Pool, config: SchedulerConfig) => Promise<Result>,
): Promise<Result> {
  const config = loadSchedulerConfig();
  const pool = createPool(config.databaseUrl, 'runbeat cli', 2, { unlimited: true });
  try {
    if (!(await hasSchedulerTables(pool)))
      throw new UserError("this database does not have the scheduler's tables", 'Create them with `runbeat migrate`.');
    return await use(pool, config);
  } finally {
    await pool.end();
  }
}

interface Stoppable {
  stop(): Promise<void>;
}

/** Message of a service to the process that started it, when it is ready. */
export const READY = 'ready';

/** Runs a service until SIGINT or SIGTERM, then stops it in order. A second signal ends the process immediately. */
export async function serve(
  name: string,
  config: SchedulerConfig,
  start: (logger: ReturnType<typeof createLogger>, signal: AbortSignal) => Promise<Stoppable>,
): Promise<void> {
  const logger = createLogger(name, config.logLevel);
  const abort = new AbortController();
  const signalled = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (abort.signal.aborted) process.exit(130);
        abort.abort();
        resolve(signal);
      });
    }
  });
  const service = await start(logger, abort.signal).catch((error: unknown) => {
    // The service received the signal while it waited for the database.
    if (!abort.signal.aborted) throw error;
    return null;
  });
  if (!service) return;
  // If this process was started with an IPC channel, the parent waits for this message.
  process.send?.(READY);
  logger.info({ signal: await signalled }, 'received a signal; stopping');
  await service.stop();
}
