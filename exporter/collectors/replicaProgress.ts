import type { Micros, Snapshot } from '../sources/rows.ts';

/** A position in the write-ahead log that a standby had received at this time. */
interface Received {
  atUs: Micros;
  position: number;
}

/** Maximum number of positions to remember while a standby applies nothing. */
const REMEMBERED = 1_000;

/**
 * Determines how far a standby is behind its primary. The timestamp of its newest transaction alone does not tell: on a quiet primary, it
 * is old although nothing is missing. So this notes what the standby has received at each poll, and when it has applied that.
 */
export class ReplicaProgress {
  /** The data are complete up to this time. */
  private completeUs: Micros | null = null;
  private received: Received[] = [];

  behindUs({ now_us, replica }: Pick<Snapshot, 'now_us' | 'replica'>): Micros {
    if (replica === null) {
      this.completeUs = null;
      this.received = [];
      return 0;
    }
    const { received, applied, applied_us, is_receiving } = replica;
    // A standby that reads an archive receives nothing; one whose receiver has ended doesn't know what it lacks.
    if (received !== null && is_receiving) this.received.push({ atUs: now_us, position: received });
    const done = this.received.filter(({ position }) => position <= applied);
    this.received = this.received.slice(done.length).slice(-REMEMBERED);
    this.completeUs = Math.max(this.completeUs ?? applied_us ?? now_us, applied_us ?? 0, done.at(-1)?.atUs ?? 0);
    return Math.max(0, now_us - this.completeUs);
  }
}
