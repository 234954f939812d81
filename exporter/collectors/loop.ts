import type { Logger } from '../../platform/log.ts';
import type { SourceObserver } from './sourceObserver.ts';

/** Polls one source at its interval, and indexes the history between polls. */
export class ObserverLoop {
  private readonly stopping = new AbortController();
  private running: Promise<void> | null = null;
  private loggedShare = -1;

  constructor(
    private readonly source: SourceObserver,
    private readonly pollSeconds: number,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const due = performance.now() + this.pollSeconds * 1000;
      const more = await this.source.poll();
      while (!this.source.historyDone && performance.now() < due && !this.stopping.signal.aborted) {
        await this.source.pollHistory();
        this.logProgress();
      }
      // A follower checks again as soon as the leader's lease ends.
      const takeover = this.source.takeoverInMs ?? Infinity;
      if (!more) await this.sleep(Math.min(due - performance.now(), takeover + 50));
    }
  }

  private logProgress(): void {
    const share = this.source.status().catchup_progress ?? 1;
    if (share < 1 && share < this.loggedShare + 0.05) return;
    this.loggedShare = share < 1 ? share : -1;
    this.logger.info({ source: this.source.name, progress: `${Math.floor(share * 100)}%` }, 'indexing the history');
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (ms <= 0 || this.stopping.signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        this.stopping.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.stopping.signal.addEventListener('abort', done);
    });
  }
}
