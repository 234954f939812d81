import { judgeSchedulers, SkewMeter, type LivenessRules, type SchedulerLife } from '../flow/liveness.ts';
import { findOutages, type OutageInterval, type OutageMemory } from '../flow/outages.ts';
import type { OutageBook } from '../index/outageBook.ts';
import type { SourceReader } from '../sources/reader.ts';
import type { Micros, SchedulerRow } from '../sources/rows.ts';

/** Outages that may still delay active runs are kept at hand for this long. */
const RECENT_US = 24 * 3600 * 1e6;

/** Who is alive, how far the clocks are off, and since when nobody was. */
export class SchedulerCollector {
  lives: SchedulerLife[] = [];
  /** Scheduler's clock minus the database's, of the one that is furthest off. */
  skewUs: Micros = 0;
  /** Newest outages, oldest first. */
  outages: OutageInterval[] = [];
  /** Outages that are over, since the source was first seen. */
  ended = 0;
  private readonly meter = new SkewMeter();
  private readonly memory: OutageMemory = { lastBeatUs: null, seenAtUs: null };

  constructor(
    private readonly rules: LivenessRules & { pollUs: Micros },
    private readonly book: OutageBook,
  ) {}

  async poll(reader: SourceReader, nowUs: Micros): Promise<void> {
    const rows = await reader.schedulers();
    this.meter.observe(rows, nowUs);
    this.lives = judgeSchedulers(
      rows,
      nowUs,
      this.rules,
      (row) => this.meter.skewOf(row, this.rules.pollUs),
      (row) => this.meter.sinceMoved(row, nowUs),
    );
    const skews = this.lives.filter((life) => life.alive).map((life) => this.meter.measured(life, this.rules.pollUs));
    this.skewUs = skews.reduce((worst, skew) => (Math.abs(skew) > Math.abs(worst) ? skew : worst), 0);
    await this.recordOutages(rows, nowUs);
  }

  private async recordOutages(rows: readonly SchedulerRow[], nowUs: Micros): Promise<void> {
    // Beats are put on the database's clock before they are compared with now.
    const corrected = rows.map((row) => ({
      ...row,
      heartbeat_us: row.heartbeat_us - this.meter.skewOf(row, this.rules.pollUs),
    }));
    const found = findOutages(corrected, this.memory, nowUs, this.rules.thresholdUs);
    const newest = corrected.reduce<Micros | null>((max, row) => Math.max(max ?? 0, row.heartbeat_us), null);
    this.memory.lastBeatUs = newest;
    this.memory.seenAtUs = nowUs;
    await this.book.write(found, Math.min(nowUs, newest ?? nowUs));
    this.outages = await this.book.since(nowUs - RECENT_US);
    this.ended = await this.book.ended();
  }
}
