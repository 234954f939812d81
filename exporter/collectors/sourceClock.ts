import type { SourceReader } from '../sources/reader.ts';
import type { Micros } from '../sources/rows.ts';
import { ReplicaProgress } from './replicaProgress.ts';

/** The clock of a source. It is read at each poll, and advanced by the monotonic clock in between. */
export class SourceClock {
  private last: { nowUs: Micros; at: number } | null = null;
  /** This process's clock minus the source's, at the last reading. */
  skewUs: Micros = 0;
  /**
   * By how much a standby lags behind its primary; 0 for a primary. The clock shows the time of the data, because a heartbeat that the
   * standby has not applied yet is not missing.
   */
  behindUs: Micros = 0;
  private readonly progress = new ReplicaProgress();

  /** Reads the clock. The database read it at some time between request and response; the middle is the best estimate. */
  async read(reader: SourceReader): Promise<void> {
    const before = performance.now();
    const asked = Date.now();
    const snapshot = await reader.snapshot();
    const { now_us } = snapshot;
    this.behindUs = this.progress.behindUs(snapshot);
    const took = performance.now() - before;
    this.last = { nowUs: now_us - this.behindUs, at: before + took / 2 };
    this.skewUs = (asked + took / 2) * 1000 - now_us;
  }

  /** The source's time at the last reading. */
  get readUs(): Micros {
    return this.last?.nowUs ?? Date.now() * 1000;
  }

  /** The time since the last reading, by which every age has grown. */
  get sinceReadUs(): Micros {
    return this.last ? (performance.now() - this.last.at) * 1000 : 0;
  }

  /** The source's time now; before the first reading, this process's own. */
  get nowUs(): Micros {
    return this.last ? this.last.nowUs + this.sinceReadUs : Date.now() * 1000;
  }
}
