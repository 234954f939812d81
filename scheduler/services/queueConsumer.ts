import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import type { StartedAttempt, Taken } from '../store/attempts.ts';
import { untilAvailable } from '../store/faults.ts';
import { NEW_JOBS } from '../store/queue.ts';
import { Wakeup } from './wakeup.ts';

/** The safety net: how often the queue is asked without having said anything. */
const POLL_MS = 1_000;
/** A statement whose connection broke may still be at work on the server; by then it has ended or been given up. */
const DOUBT_MS = 30_000;

export interface ConsumerMeans {
  /** Takes and starts up to `limit` attempts of these queues. */
  take: (client: pg.Client, queues: readonly string[], limit: number) => Promise<Taken>;
  /** All attempts that this worker holds. */
  held: () => Promise<StartedAttempt[]>;
  /** Runs an attempt and records its end; never rejects. */
  run: (attempt: StartedAttempt) => Promise<void>;
  /** A connection of its own, to listen and to take jobs on. */
  connect: () => Promise<pg.Client>;
  logger: Logger;
}

/** Takes jobs of some queues as far as hands are free, and runs each: at most `concurrency` at once. */
export class QueueConsumer {
  private queues: readonly string[] = [];
  private stopping = false;
  private readonly wakeup = new Wakeup();
  /** The queue's job ids of the attempts under way. */
  private readonly running = new Map<number, Promise<void>>();
  /** More may wait in the queue than hands were free. */
  private more = false;
  /** The answer to a take was lost: until then attempts may turn up that were started here and that nobody knows of. */
  private doubtUntil = 0;
  private nextDoubt = 0;
  private client: pg.Client | null = null;
  private readonly abort = new AbortController();
  private readonly ended: Promise<void>;

  constructor(
    private readonly concurrency: number,
    private readonly means: ConsumerMeans,
  ) {
    this.ended = this.loop();
  }

  /** Serves these queues from now on; what was taken from others is still finished. */
  serve(queues: readonly string[]): void {
    const wanted = [...queues].sort();
    if (this.stopping || wanted.join() === this.queues.join()) return;
    this.queues = wanted;
    this.means.logger.info({ queues: wanted }, 'serving queues');
    this.wakeup.wake();
  }

  /** Takes no more jobs and resolves when those taken are finished. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.abort.abort();
    this.wakeup.wake();
    await this.ended;
    await Promise.all(this.running.values());
  }

  private async loop(): Promise<void> {
    while (!this.stopping) {
      try {
        this.client ??= await this.listen();
        await this.turn(this.client);
      } catch (error) {
        this.means.logger.warn({ reason: (error as Error).message }, 'no jobs can be taken; trying again');
        await this.wakeup.wait(POLL_MS);
      }
    }
    await this.client?.end().catch(() => undefined);
  }

  private async turn(client: pg.Client): Promise<void> {
    if (this.nextDoubt < this.doubtUntil && Date.now() >= this.nextDoubt) await this.startUnknown();
    const free = this.concurrency - this.running.size;
    if (free > 0 && this.queues.length > 0) {
      const { started, jobs } = await this.take(client, free);
      for (const attempt of started) this.start(attempt);
      this.more = jobs >= free;
    }
    if (!(this.more && this.running.size < this.concurrency)) await this.wakeup.wait(POLL_MS);
  }

  private async take(client: pg.Client, free: number): Promise<Taken> {
    try {
      return await this.means.take(client, this.queues, free);
    } catch (error) {
      this.nextDoubt = Date.now();
      this.doubtUntil = this.nextDoubt + DOUBT_MS;
      throw error;
    }
  }

  private async startUnknown(): Promise<void> {
    // One that ends while the question is under way may be in the answer as if it still ran.
    const known = new Set(this.running.keys());
    const held = await this.means.held();
    this.nextDoubt = Date.now() + POLL_MS;
    for (const attempt of held) if (!known.has(attempt.queue_job_id)) this.start(attempt);
  }

  private start(attempt: StartedAttempt): void {
    const { queue_job_id: jobId } = attempt;
    if (this.running.has(jobId)) return;
    const done = this.means.run(attempt).finally(() => {
      this.running.delete(jobId);
      if (this.more) this.wakeup.wake();
    });
    this.running.set(jobId, done);
  }

  private async listen(): Promise<pg.Client> {
    const client = await untilAvailable(() => this.means.connect(), this.means.logger, this.abort.signal);
    const broken = (): void => {
      if (this.client === client) this.client = null;
      this.wakeup.wake();
    };
    client
      .on('error', broken)
      .on('end', broken)
      .on('notification', () => this.wakeup.wake());
    await client.query(NEW_JOBS);
    return client;
  }
}
