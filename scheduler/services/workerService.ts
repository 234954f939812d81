import { hostname } from 'node:os';
import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import { untilAvailable } from '../../platform/postgres/faults.ts';
import { isDoneWithin } from '../../platform/time/within.ts';
import type { SchedulerConfig } from '../config.ts';
import { heldAttempts, takeAttempts } from '../store/attempts.ts';
import { connectClient, createPool } from '../store/database.ts';
import { beat, endJob, registerJob } from '../store/jobs.ts';
import { knownQueues } from '../store/queue.ts';
import { FollowOnService } from './followOn.ts';
import { QueueConsumer } from './queueConsumer.ts';
import { AttemptRunner, WARM_CONNECTIONS } from './attemptRunner.ts';

export interface WorkerOptions {
  /** Maximum number of tries that run at once. */
  concurrency: number;
  /** Queues to serve; null for every queue that a DAG names. */
  queues: readonly string[] | null;
  /** Aborts the start. */
  signal?: AbortSignal;
}

export interface Service {
  /** Stops the service gracefully. Safe to call twice. */
  stop(): Promise<void>;
}

/** How often a worker looks for new code and, if it serves all queues, for new queues. */
const QUEUES_MS = 2_000;
/** How long a worker waits at its start for the code of DAGs to be ready. */
const WARM_LIMIT_MS = 10_000;

export async function startWorkerService(
  config: SchedulerConfig,
  options: WorkerOptions,
  logger: Logger,
): Promise<Service> {
  // Tries are taken on a separate connection. Ends, logs, triggers and heartbeats share these.
  const pool = createPool(config.databaseUrl, 'runbeat worker', 8, { kept: WARM_CONNECTIONS });
  let jobId: number;
  try {
    const register = (): Promise<number> => registerJob(pool, 'WorkerJob', 'default', [...(options.queues ?? [])]);
    jobId = await untilAvailable(register, logger, options.signal);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const holder = { workerJobId: jobId, hostname: hostname() };
  const followOn = new FollowOnService({
    queues: () => consumer.served,
    adopt: (attempts) => consumer.adopt(attempts),
    doubt: () => consumer.doubtStarts(),
    holder,
    connect: () => connectClient(config.databaseUrl, 'runbeat worker ends'),
    logger,
  });
  const runner = new AttemptRunner({ pool, jobId, config, logger, followOn }, options.concurrency);
  const consumer = new QueueConsumer(options.concurrency, {
    take: (client, queues, limit) => takeAttempts(client, holder, queues, limit),
    held: () => heldAttempts(pool, jobId),
    run: (attempt): Promise<void> => runner.run(attempt),
    connect: () => connectClient(config.databaseUrl, 'runbeat worker queue'),
    logger,
  });
  const timers = startTimers(config, options, { pool, jobId, consumer, runner, logger });
  await timers.first;
  logger.info({ job: jobId, concurrency: options.concurrency }, 'worker started');
  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    const drained = consumer.stop();
    const late = setTimeout(() => {
      logger.warn('tasks still run at the end of the grace period; handing them back');
      void runner.handBack();
    }, config.shutdownGraceSeconds * 1000);
    await drained;
    clearTimeout(late);
    timers.stop();
    await runner.handBack();
    await runner.flush();
    await endJob(pool, jobId).catch(() => undefined);
    await pool.end();
    logger.info('worker ended');
  };
  return { stop: () => (stopped ??= stop()) };
}

interface Parts {
  pool: pg.Pool;
  jobId: number;
  consumer: QueueConsumer;
  runner: AttemptRunner;
  logger: Logger;
}

/** Heartbeats, code and queues. `first` resolves after the first round. */
function startTimers(
  config: SchedulerConfig,
  options: WorkerOptions,
  parts: Parts,
): { first: Promise<void>; stop(): void } {
  const { pool, jobId, consumer, runner, logger } = parts;
  const serve = async (): Promise<void> => {
    const queues = options.queues ?? (await knownQueues(pool));
    consumer.serve(queues);
    // Code that takes long to import, or hangs, must not delay the start.
    await isDoneWithin(runner.warm(queues), WARM_LIMIT_MS).catch((error: Error) =>
      logger.warn({ reason: error.message }, 'code of DAGs could not be loaded in advance'),
    );
  };
  const heartbeat = (): Promise<void> => beat(pool, jobId);
  const quietly = (work: () => Promise<void>) => () =>
    void work().catch((error: Error) => logger.warn({ reason: error.message }, 'the database is not available'));
  const every = (seconds: number, work: () => Promise<void>): NodeJS.Timeout =>
    setInterval(quietly(work), seconds * 1000);
  const timers = [every(config.heartbeatIntervalSeconds, heartbeat), every(QUEUES_MS / 1000, serve)];
  const first = untilAvailable(
    async () => {
      await heartbeat();
      await runner.connect();
      await serve();
    },
    logger,
    options.signal,
  );
  return { first, stop: () => timers.forEach(clearInterval) };
}
