import type pg from 'pg';
import { createLogger } from '../platform/log.ts';
import { UserError } from '../platform/errors.ts';
import { loadSchedulerConfig, type SchedulerConfig } from '../scheduler/config.ts';
import { createPool } from '../scheduler/store/database.ts';

/** Lends the scheduler's database to a command and closes it afterwards. */
export async function withSchedulerDatabase<Result>(
  use: (pool: pg.Pool, config: SchedulerConfig) => Promise<Result>,
): Promise<Result> {
  const config = loadSchedulerConfig();
  const pool = createPool(config.databaseUrl, 'runbeat cli', 2);
  try {
    const { rows } = await pool.query<{ there: boolean }>("select to_regclass('runbeat.dag_run') is not null as there");
    if (!rows[0]?.there)
      throw new UserError("the scheduler's tables are not in this database", 'Make them with `runbeat migrate`.');
    return await use(pool, config);
  } finally {
    await pool.end();
  }
}

interface Stoppable {
  stop(): Promise<void>;
}

/** Runs a service until SIGINT or SIGTERM, then ends it in order; a second signal ends the process at once. */
export async function serve(
  name: string,
  config: SchedulerConfig,
  start: (logger: ReturnType<typeof createLogger>) => Promise<Stoppable>,
): Promise<void> {
  const logger = createLogger(name, config.logLevel);
  let asked = false;
  const told = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve(signal);
      });
    }
  });
  const service = await start(logger);
  logger.info({ signal: await told }, 'told to end');
  await service.stop();
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
