import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import { archiveAll, type Archived } from '../store/archive.ts';

const EVERY_MS = 3_600_000;
const FIRST_MS = 60_000;
const BATCH = 200;

/** The built-in schedule of the archive: a minute after the start, then every hour. Schedulers take turns at it. */
export class Archiver {
  private readonly abort = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: pg.Pool,
    private readonly ageDays: number,
    private readonly logDays: number,
    private readonly logger: Logger,
  ) {}

  start(): void {
    if (this.ageDays > 0) this.plan(FIRST_MS);
  }

  async stop(): Promise<void> {
    this.abort.abort();
    if (this.timer) clearTimeout(this.timer);
    await this.running;
  }

  /** One round; null when another process does it. */
  async runOnce(): Promise<Archived | null> {
    const client = await this.pool.connect();
    try {
      return await archiveAll(client, {
        ageSeconds: this.ageDays * 86_400,
        logAgeSeconds: this.logDays > 0 ? this.logDays * 86_400 : null,
        batchSize: BATCH,
        signal: this.abort.signal,
      });
    } finally {
      // The lock lives with the connection; a broken one must not go back to the pool.
      client.release(true);
    }
  }

  private plan(delay: number): void {
    if (this.abort.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.running = this.runOnce()
        .then((done) => done && done.runs + done.logs > 0 && this.logger.info(done, 'archived old runs'))
        .catch((error: Error) =>
          this.logger.warn({ reason: error.message }, 'archiving was given up until the next round'),
        )
        .then(() => this.plan(EVERY_MS));
    }, delay);
    this.timer.unref();
  }
}
