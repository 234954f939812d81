import type { Logger } from '../../platform/log.ts';
import { archiveAll, type Archived } from '../store/archive.ts';
import { createPool } from '../store/database.ts';

const EVERY_MS = 3_600_000;
const FIRST_MS = 60_000;
const BATCH = 200;

/**
 * Runs the archive a minute after the start and then every hour. If there are several schedulers, one of them does each round. Even if
 * runs are never archived, a round deletes data that is no longer needed, so that it does not grow without limit.
 */
export class Archiver {
  private readonly abort = new AbortController();
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly databaseUrl: string,
    /** Age in days at which runs are archived; 0 means never. */
    private readonly ageDays: number,
    /** Age in days at which the output of archived runs is deleted; 0 means never. */
    private readonly logDays: number,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.plan(FIRST_MS);
  }

  async stop(): Promise<void> {
    this.abort.abort();
    if (this.timer) clearTimeout(this.timer);
    await this.running;
  }

  /** Runs one round. Returns null if another process is doing it. */
  async runOnce(): Promise<Archived | null> {
    const pool = createPool(this.databaseUrl, 'runbeat archive', 1, { unlimited: true });
    const client = await pool.connect().catch(async (error: unknown) => {
      await pool.end();
      throw error;
    });
    try {
      return await archiveAll(client, {
        ageSeconds: secondsOf(this.ageDays),
        logAgeSeconds: secondsOf(this.logDays),
        batchSize: BATCH,
        signal: this.abort.signal,
      });
    } finally {
      // The lock ends with the connection.
      client.release(true);
      await pool.end();
    }
  }

  private plan(delay: number): void {
    if (this.abort.signal.aborted) return;
    this.timer = setTimeout(() => {
      this.running = this.runOnce()
        .then((done) => done && done.runs + done.logs + done.unused > 0 && this.logger.info(done, 'archived old runs'))
        .catch((error: Error) =>
          this.logger.warn({ reason: error.message }, 'archiving failed; trying again in the next round'),
        )
        .then(() => this.plan(EVERY_MS));
    }, delay);
    this.timer.unref();
  }
}

/** Null for never. */
function secondsOf(days: number): number | null {
  return days > 0 ? days * 86_400 : null;
}
