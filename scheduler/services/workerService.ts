import { hostname } from 'node:os';
import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import type { SchedulerConfig } from '../config.ts';
import { heldAttempts, takeAttempts } from '../store/attempts.ts';
import { connectClient, createPool } from '../store/database.ts';
import { untilAvailable } from '../store/faults.ts';
import { beat, endJob, registerJob } from '../store/jobs.ts';
import { QueueConsumer } from './queueConsumer.ts';
import { AttemptRunner } from './worker.ts';

export interface WorkerOptions {
  /** Attempts that run at once. */
  concurrency: number;
  /** Queues to serve; null = every queue that a DAG names. */
  queues: readonly string[] | null;
}

export interface Service {
  /** Ends it in order; safe to call twice. */
  stop(): Promise<void>;
}

/** How often a worker without a choice of its own looks for queues that are new. */
const QUEUES_MS = 2_000;

export async function startWorkerService(
  config: SchedulerConfig,
  options: WorkerOptions,
  logger: Logger,
): Promise<Service> {
  // Jobs are taken on a connection of their own; ends, logs, triggers and heartbeats share these.
  const pool = createPool(config.databaseUrl, 'runbeat worker', 8);
  let jobId: number;
  try {
    jobId = await registerJob(pool, 'WorkerJob', 'default', [...(options.queues ?? [])]);
  } catch (error) {
    await pool.end();
    throw error;
  }
  const runner = new AttemptRunner({ pool, jobId, config, logger }, options.concurrency);
  const holder = { workerJobId: jobId, hostname: hostname() };
  const consumer = new QueueConsumer(options.concurrency, {
    take: (client, queues, limit) => takeAttempts(client, holder, queues, limit),
    held: () => heldAttempts(pool, jobId),
    run: (attempt) => runner.run(attempt),
    connect: () => connectClient(config.databaseUrl, 'runbeat worker queue'),
    logger,
  });
  const timers = startTimers(config, options, { pool, jobId, consumer, logger });
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
  logger: Logger;
}

/** Heartbeats and, without a choice of queues, the list of queues. `first` resolves after the first round. */
function startTimers(
  config: SchedulerConfig,
  options: WorkerOptions,
  parts: Parts,
): { first: Promise<void>; stop(): void } {
  const { pool, jobId, consumer, logger } = parts;
  const serve = async (): Promise<void> => consumer.serve(options.queues ?? (await knownQueues(pool)));
  const heartbeat = (): Promise<void> => beat(pool, jobId);
  const quietly = (work: () => Promise<void>) => () =>
    void work().catch((error: Error) => logger.warn({ reason: error.message }, 'the database is not available'));
  const every = (seconds: number, work: () => Promise<void>): NodeJS.Timeout =>
    setInterval(quietly(work), seconds * 1000);
  const first = untilAvailable(async () => {
    await serve();
    await heartbeat();
  }, logger);
  const timers = [
    every(config.heartbeatIntervalSeconds, heartbeat),
    ...(options.queues ? [] : [every(QUEUES_MS / 1000, serve)]),
  ];
  return { first, stop: () => timers.forEach(clearInterval) };
}

async function knownQueues(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ queue: string }>(
    "select distinct unnest(queues || 'default'::text) as queue from runbeat.dag order by 1",
  );
  const queues = rows.map(({ queue }) => queue);
  return queues.length > 0 ? queues : ['default'];
}
