import type { Logger } from '../../platform/log.ts';
import type { GaugeSample } from '../metrics/gauges.ts';
import { describeError } from '../sources/errors.ts';

interface Status {
  ok: boolean;
  seconds: number;
  /** performance.now() of the last success. */
  succeededAt: number;
  message: string | null;
  logged: string | null;
}

export type Attempt<Result> = { ok: true; result: Result } | { ok: false; error: unknown };

/** Runs the collectors of one source and keeps each one's duration, success and last error. */
export class CollectorStatuses {
  private readonly statuses = new Map<string, Status>();

  constructor(
    private readonly source: string,
    private readonly logger: Logger,
  ) {}

  /** Never rejects. Logs each status change once. */
  async run<Result>(collector: string, collect: () => Promise<Result>): Promise<Attempt<Result>> {
    const status = this.statusOf(collector);
    const started = performance.now();
    try {
      const result = await collect();
      Object.assign(status, { ok: true, message: null, succeededAt: performance.now() });
      return { ok: true, result };
    } catch (error) {
      Object.assign(status, { ok: false, message: describeError(error) });
      return { ok: false, error };
    } finally {
      status.seconds = (performance.now() - started) / 1000;
      this.logChange(collector, status);
    }
  }

  isOk(collector: string): boolean {
    return this.statuses.get(collector)?.ok ?? false;
  }

  /** What is wrong, as a sentence; null if nothing is. */
  get problem(): string | null {
    const messages = [...this.statuses]
      .filter(([, status]) => !status.ok)
      .map(([collector, { message }]) => `${collector}: ${message}`);
    return messages.length === 0 ? null : messages.join('; ');
  }

  /** Seconds since the collector last succeeded; Infinity if it never has. */
  ageSeconds(collector: string): number {
    return (performance.now() - (this.statuses.get(collector)?.succeededAt ?? -Infinity)) / 1000;
  }

  gauges(): GaugeSample[] {
    return [...this.statuses].flatMap(([collector, status]) => [
      { metric: 'collectorSuccess' as const, labels: { collector }, value: status.ok ? 1 : 0 },
      { metric: 'collectorDuration' as const, labels: { collector }, value: status.seconds },
    ]);
  }

  private logChange(collector: string, status: Status): void {
    if (status.logged === status.message) return;
    status.logged = status.message;
    const about = { source: this.source, collector };
    if (status.message === null) this.logger.info(about, 'works again');
    else this.logger.warn(about, status.message);
  }

  private statusOf(collector: string): Status {
    let status = this.statuses.get(collector);
    if (!status) {
      status = { ok: false, seconds: 0, succeededAt: -Infinity, message: null, logged: null };
      this.statuses.set(collector, status);
    }
    return status;
  }
}
