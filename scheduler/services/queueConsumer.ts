import { runTaskList, type WorkerPool } from 'graphile-worker';
import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import type { AttemptClaim } from '../store/attempts.ts';
import { queueIdentifier, quietQueueLogger } from '../store/queue.ts';

/** How long a job that was taken ahead of time may wait for a free hand here before another worker gets it. */
const TAKEN_AHEAD_MS = 200;

/** Takes jobs of some queues and hands each to `run`, at most `concurrency` at once. */
export class QueueConsumer {
  private pool: WorkerPool | null = null;
  private queues: string[] = [];
  private stopping = false;
  private readonly retired = new Set<Promise<unknown>>();

  constructor(
    private readonly db: pg.Pool,
    private readonly concurrency: number,
    private readonly run: (claim: AttemptClaim) => Promise<void>,
    private readonly logger: Logger,
  ) {}

  /** Name under which it locks jobs. */
  get holder(): string | null {
    return this.pool?.id ?? null;
  }

  /** Serves these queues from now on; jobs of others that were taken are still finished. */
  serve(queues: readonly string[]): void {
    const wanted = [...queues].sort();
    if (this.stopping || wanted.join() === this.queues.join()) return;
    this.queues = wanted;
    this.retire();
    if (wanted.length > 0) this.pool = this.open(wanted);
    this.logger.info({ queues: wanted }, 'serving queues');
  }

  /** Takes no more jobs and resolves when those taken are finished. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.retire();
    await Promise.all(this.retired);
  }

  private retire(): void {
    const { pool } = this;
    this.pool = null;
    if (!pool) return;
    const ended = Promise.resolve(pool.gracefulShutdown('told to end')).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'the queue was not left in order');
    });
    this.retired.add(ended);
    void ended.finally(() => this.retired.delete(ended));
  }

  private open(queues: string[]): WorkerPool {
    const task = async (payload: unknown, { job }: { job: { id: string } }): Promise<void> => {
      const { id, try: tryNumber } = payload as { id: number; try: number };
      await this.run({ id, tryNumber, queueJobId: Number(job.id) });
    };
    const tasks = Object.fromEntries(queues.map((queue) => [queueIdentifier(queue), task]));
    const preset = {
      worker: {
        concurrentJobs: this.concurrency,
        pollInterval: 1_000,
        localQueue: { size: this.concurrency, ttl: TAKEN_AHEAD_MS },
        // Finished jobs are swept together: the task instance's own end has been recorded, so nobody waits for this.
        completeJobBatchDelay: 20,
        failJobBatchDelay: 20,
      },
    };
    const pool = runTaskList({ preset, noHandleSignals: true, logger: quietQueueLogger }, tasks, this.db);
    const onEnd = (error?: unknown): void => {
      if (this.pool !== pool) return;
      // It gives up when the database stays away for long; we don't.
      this.logger.warn({ err: error }, 'the queue was lost; taking it up again');
      this.pool = this.open(queues);
    };
    pool.promise.then(() => onEnd(), onEnd);
    return pool;
  }
}
