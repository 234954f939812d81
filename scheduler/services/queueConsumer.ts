import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import type { StartedAttempt } from '../store/attempts.ts';
import { Backoff } from '../../platform/time/backoff.ts';
import { pause } from '../../platform/time/pause.ts';
import { closeClient } from '../store/database.ts';
import { listenForQueued } from '../store/queue.ts';
import { Wakeup } from './wakeup.ts';

/** How often the queue is read without a notification. */
const POLL_MS = 1_000;
/** A statement whose connection broke may still be running on the server. After this time, it has certainly ended. */
const DOUBT_MS = 30_000;

export interface ConsumerMeans {
  /** Takes and starts up to `limit` tries from these queues. */
  take: (client: pg.Client, queues: readonly string[], limit: number) => Promise<StartedAttempt[]>;
  /** All tries that this worker holds according to the database. */
  held: () => Promise<StartedAttempt[]>;
  /** Runs a try and records its end. Never rejects. */
  run: (attempt: StartedAttempt) => Promise<void>;
  /** Opens a separate connection for listening and taking tries. */
  connect: () => Promise<pg.Client>;
  logger: Logger;
}

/** Takes queued tries from some queues and runs them, at most `concurrency` at once. */
export class QueueConsumer {
  private queues: readonly string[] = [];
  private stopping = false;
  private readonly wakeup = new Wakeup();
  /** Running tries by keyOf. */
  private readonly running = new Map<string, Promise<void>>();
  /** Whether more tries may be queued than could be taken. */
  private more = false;
  /** Set while there may be tries that were started here although the answer was lost. Times of performance.now(). */
  private doubt: { until: number; nextLook: number } | null = null;
  private client: pg.Client | null = null;
  private readonly abort = new AbortController();
  private readonly ended: Promise<void>;

  constructor(
    private readonly concurrency: number,
    private readonly means: ConsumerMeans,
  ) {
    this.ended = this.loop();
  }

  /** Serves these queues from now on. Tries from other queues still finish. */
  serve(queues: readonly string[]): void {
    const wanted = [...queues].sort();
    if (this.stopping || wanted.join() === this.queues.join()) return;
    this.queues = wanted;
    this.means.logger.info({ queues: wanted }, 'serving queues');
    this.wakeup.wake();
  }

  /** Queues that it takes tries from; none while it is stopping. */
  get served(): readonly string[] {
    return this.stopping ? [] : this.queues;
  }

  /** Runs tries that this worker has started without the queue. */
  adopt(attempts: readonly StartedAttempt[]): void {
    for (const attempt of attempts) this.start(attempt);
  }

  /** From now on for a while, looks for tries that were started here although the answer was lost. */
  doubtStarts(): void {
    this.beginDoubt();
    this.wakeup.wake();
  }

  /** Stops taking tries, and resolves when the running ones have finished. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.abort.abort();
    this.wakeup.wake();
    await this.ended;
    // A try that ends may have been followed by another one.
    while (this.running.size > 0) await Promise.all(this.running.values());
  }

  private async loop(): Promise<void> {
    const backoff = new Backoff();
    while (!this.stopping) {
      try {
        this.client ??= await this.listen();
        await this.turn(this.client);
        backoff.reset();
      } catch (error) {
        const pauseMs = backoff.next();
        this.means.logger.warn(
          { reason: (error as Error).message, retryInMs: Math.round(pauseMs) },
          'no tasks can be taken; reconnecting to the database',
        );
        await this.disconnect();
        await pause(pauseMs, this.abort.signal);
      }
    }
    await this.disconnect();
  }

  private async disconnect(): Promise<void> {
    const { client } = this;
    this.client = null;
    if (client) await closeClient(client);
  }

  private async turn(client: pg.Client): Promise<void> {
    if (this.doubt && performance.now() >= this.doubt.nextLook) await this.startUnknown();
    const free = this.concurrency - this.running.size;
    if (free > 0 && this.queues.length > 0) {
      const started = await this.take(client, free);
      for (const attempt of started) this.start(attempt);
      this.more = started.length >= free;
    }
    if (!(this.more && this.running.size < this.concurrency)) await this.wakeup.wait(POLL_MS);
  }

  private async take(client: pg.Client, free: number): Promise<StartedAttempt[]> {
    try {
      return await this.means.take(client, this.queues, free);
    } catch (error) {
      this.beginDoubt();
      throw error;
    }
  }

  private beginDoubt(): void {
    const now = performance.now();
    this.doubt = { until: now + DOUBT_MS, nextLook: now };
  }

  private async startUnknown(): Promise<void> {
    // A try that ends during the query may be in its result as if it were still running.
    const known = new Set(this.running.keys());
    const asked = performance.now();
    const held = await this.means.held();
    // The last query must begin after the time of doubt, however long the database was unavailable.
    if (this.doubt) this.doubt = asked >= this.doubt.until ? null : { ...this.doubt, nextLook: asked + POLL_MS };
    for (const attempt of held) if (!known.has(keyOf(attempt))) this.start(attempt);
  }

  private start(attempt: StartedAttempt): void {
    const key = keyOf(attempt);
    if (this.running.has(key)) return;
    const done = this.means.run(attempt).finally(() => {
      this.running.delete(key);
      if (this.more) this.wakeup.wake();
    });
    this.running.set(key, done);
  }

  private async listen(): Promise<pg.Client> {
    const client = await this.means.connect();
    const broken = (): void => {
      if (this.client === client) this.client = null;
      this.wakeup.wake();
    };
    client
      .on('error', broken)
      .on('end', broken)
      .on('notification', () => this.wakeup.wake());
    await listenForQueued(client).catch(async (error: unknown) => {
      await closeClient(client);
      throw error;
    });
    return client;
  }
}

/** A unique key: two executions of a task instance never share all three parts. */
function keyOf(attempt: StartedAttempt): string {
  return [attempt.id, attempt.try_number, attempt.reschedules].join('/');
}
