import type { Micros, SchedulerRow } from '../sources/rows.ts';

/** Number of heartbeats to remember, to distinguish a clock's skew from the interval between heartbeats. */
const REMEMBERED = 12;
/** Number of heartbeats that are needed to judge a clock. A single late one may be the last before the scheduler died. */
const NEEDED = 3;

/**
 * Measures the skew of a scheduler's clock against the database's. Airflow's schedulers write heartbeats by their own clocks, and
 * the exporter first sees a heartbeat when it reads the row after that. So a timestamp that is later than this reading is ahead, and
 * one that is earlier than the reading before is behind. The smallest difference among the last heartbeats counts. All readings
 * carry the database's time at which the row was read: a poll may take seconds between reading the clock and reading the rows.
 */
export class SkewMeter {
  private readonly beats = new Map<number, Beats>();
  private hasObserved = false;

  /** Rows as read at one poll. `behindUs`: by how much the rows of a standby are older than their reading. */
  observe(rows: readonly SchedulerRow[], nowUs: Micros, behindUs: Micros = 0): void {
    // A row that was missing at an earlier poll has been written since then.
    const appeared = this.hasObserved ? nowUs : null;
    this.hasObserved = true;
    for (const row of rows) {
      const readAt = row.read_us - behindUs;
      const known = this.beats.get(row.job_id);
      // If a heartbeat moves backwards, the clock was changed, and earlier measurements are void.
      if (!known || row.heartbeat_us < known.newest) {
        const movedAt = known ? nowUs : appeared;
        this.beats.set(row.job_id, { newest: row.heartbeat_us, seen: [], readAt, movedAt });
        continue;
      }
      if (known.newest !== row.heartbeat_us) {
        const last = known.seen.at(-1);
        if (last) last.untilNext = row.heartbeat_us - known.newest;
        const [age, ageBefore] = [readAt - row.heartbeat_us, known.readAt - row.heartbeat_us];
        known.seen = [...known.seen, { age, ageBefore, untilNext: null }].slice(-REMEMBERED);
        known.newest = row.heartbeat_us;
        known.movedAt = nowUs;
      }
      known.readAt = readAt;
    }
    const present = new Set(rows.map((row) => row.job_id));
    for (const id of this.beats.keys()) if (!present.has(id)) this.beats.delete(id);
  }

  /** How long ago the exporter itself last saw the heartbeat change; null if it has not seen that yet. */
  sinceMoved(row: SchedulerRow, nowUs: Micros): Micros | null {
    const movedAt = this.beats.get(row.job_id)?.movedAt ?? null;
    return movedAt === null ? null : nowUs - movedAt;
  }

  /**
   * Correction for the age of a heartbeat: by how much its timestamps are consistently older or younger than the time between
   * polls explains. 0 if nothing has been measured.
   */
  skewOf(row: SchedulerRow, pollUs: Micros): Micros {
    return row.skew_us === null ? skewIn(this.seen(row), () => pollUs) : 0;
  }

  /**
   * The scheduler's clock minus the database's. Heartbeats that are late by no more than the time until the next one do not mean
   * that the clock is behind: Airflow 3.3 writes each timestamp only with the next heartbeat, and a busy scheduler sends it late.
   */
  measured(row: SchedulerRow, pollUs: Micros): Micros {
    if (row.skew_us !== null) return row.skew_us;
    return skewIn(this.seen(row), ({ untilNext }) => (untilNext === null ? Infinity : pollUs + untilNext));
  }

  private seen(row: SchedulerRow): readonly Seen[] {
    return this.beats.get(row.job_id)?.seen ?? [];
  }
}

/** 0 if a clock that is right explains the timestamps. `lateUs`: how late a heartbeat may be written; Infinity if that is not known. */
function skewIn(seen: readonly Seen[], lateUs: (beat: Seen) => Micros): Micros {
  if (seen.length < NEEDED) return 0;
  const youngest = Math.min(...seen.map(({ age }) => age));
  if (youngest < 0) return -youngest;
  const judged = seen.filter((beat) => lateUs(beat) < Infinity);
  return judged.length > 0 && judged.every((beat) => beat.ageBefore > lateUs(beat)) ? -youngest : 0;
}

/** A heartbeat that was seen to arrive. */
interface Seen {
  /** How old it was when it was first seen. */
  age: Micros;
  /** How old it would have been at the reading before. */
  ageBefore: Micros;
  /** Time until the next one, by their timestamps; null for the newest. */
  untilNext: Micros | null;
}

interface Beats {
  newest: Micros;
  /** The last heartbeats, oldest first. */
  seen: Seen[];
  /** When the row was last read. */
  readAt: Micros;
  movedAt: Micros | null;
}
