import { untilAvailable } from '../platform/postgres/faults.ts';
import type { Logger } from '../platform/log.ts';
import type { SchedulerConfig } from './config.ts';
import { startSchedulerService, type SchedulerOptions } from './services/schedulerService.ts';
import { startWorkerService, type Service, type WorkerOptions } from './services/workerService.ts';
import { migrateScheduler } from './store/migrate.ts';

export type { Service } from './services/workerService.ts';

/**
 * Starts a scheduler of one lane: migrations, DAGs, then the loop. It runs until `stop`. If the database is unavailable, it waits for
 * it until `signal` aborts.
 */
export async function startScheduler(
  config: SchedulerConfig,
  logger: Logger,
  options: Partial<SchedulerOptions> = {},
): Promise<Service> {
  await untilAvailable(() => migrateScheduler(config.databaseUrl), logger, options.signal);
  return startSchedulerService(config, { lane: 'default', ...options }, logger);
}

/**
 * Starts a worker: it takes tasks until `stop`, which lets them finish or hands them back. If the database is unavailable, it waits for
 * it until `signal` aborts.
 */
export async function startWorker(
  config: SchedulerConfig,
  logger: Logger,
  options: Partial<WorkerOptions> = {},
): Promise<Service> {
  await untilAvailable(() => migrateScheduler(config.databaseUrl), logger, options.signal);
  return startWorkerService(config, { concurrency: config.workerConcurrency, queues: null, ...options }, logger);
}
