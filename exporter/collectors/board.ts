import type { GaugeSample } from '../metrics/gauges.ts';
import { describeError } from '../sources/errors.ts';

interface Entry {
  ok: boolean;
  seconds: number;
  /** performance.now() of the last success. */
  succeededAt: number;
  message: string | null;
  told: string | null;
}

/** Collectors that read the observed database: one of them failing means that it is not fully readable. */
const READING = ['connect', 'schedulers', 'dags', 'runs'];

/** Runs collectors and keeps how each of them fared. */
export class CollectorBoard {
  private readonly entries = new Map<string, Entry>();

  /** The collector's result, or undefined when it failed. */
  async run<Result>(collector: string, collect: () => Promise<Result>): Promise<Result | undefined> {
    const entry = this.entry(collector);
    const started = performance.now();
    try {
      const result = await collect();
      Object.assign(entry, { ok: true, message: null, succeededAt: performance.now() });
      return result;
    } catch (error) {
      Object.assign(entry, { ok: false, message: describeError(error) });
      return undefined;
    } finally {
      entry.seconds = (performance.now() - started) / 1000;
    }
  }

  get allSourcesRead(): boolean {
    return READING.every((collector) => this.entries.get(collector)?.ok);
  }

  /** What is wrong, in words; null when all is well. */
  get problem(): string | null {
    const messages = [...this.entries]
      .filter(([, entry]) => !entry.ok)
      .map(([collector, { message }]) => `${collector}: ${message}`);
    return messages.length === 0 ? null : messages.join('; ');
  }

  /** Since the collector last succeeded; infinite when it never has. */
  ageSeconds(collector: string): number {
    return (performance.now() - (this.entries.get(collector)?.succeededAt ?? -Infinity)) / 1000;
  }

  gauges(): GaugeSample[] {
    return [...this.entries].flatMap(([collector, entry]) => [
      { metric: 'collectorSuccess' as const, labels: { collector }, value: entry.ok ? 1 : 0 },
      { metric: 'collectorDuration' as const, labels: { collector }, value: entry.seconds },
    ]);
  }

  /** What has changed since it was last asked. */
  changes(): { collector: string; recovered: boolean; message: string }[] {
    return [...this.entries].flatMap(([collector, entry]) => {
      if (entry.told === entry.message) return [];
      entry.told = entry.message;
      return [{ collector, recovered: entry.ok, message: entry.message ?? '' }];
    });
  }

  private entry(collector: string): Entry {
    let entry = this.entries.get(collector);
    if (!entry)
      this.entries.set(
        collector,
        (entry = { ok: false, seconds: 0, succeededAt: -Infinity, message: null, told: null }),
      );
    return entry;
  }
}
