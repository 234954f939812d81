import type { Micros, SchedulerRow } from '../sources/rows.ts';

export interface LivenessRules {
  /** A heartbeat older than this means dead. */
  thresholdUs: Micros;
  /** A dead scheduler is shown for this long while another one is alive; then its row is ignored. */
  forgetUs: Micros;
}

export interface SchedulerLife extends SchedulerRow {
  name: string;
  alive: boolean;
  /** By the database's clock, after the scheduler's own skew is taken off. */
  age_us: Micros;
}

/** Measured skew of one scheduler's clock; see SkewMeter. */
export type SkewOf = (scheduler: SchedulerRow) => Micros;

/** How long ago the exporter itself saw a scheduler's heartbeat change; null if it has not seen that yet. */
export type SinceMoved = (scheduler: SchedulerRow) => Micros | null;

/** Stable name of one scheduler process. */
export function schedulerName(scheduler: Pick<SchedulerRow, 'hostname' | 'job_id'>): string {
  return `${scheduler.hostname || 'unknown'}:${scheduler.job_id}`;
}

/**
 * Who is in the picture and who lives. Airflow's rule (alive = running and a young heartbeat), with what its rows leave
 * out: the row of a killed scheduler says `running` forever, so it is shown as dead, and dropped once another one is alive and the
 * time for that is over. `failed` is a death too: it is what another scheduler writes over the row of one that it misses;
 * only `success` is a leave taken. Where none lives the newest dead one stays, so that its age can be seen.
 */
export function judgeSchedulers(
  rows: readonly SchedulerRow[],
  nowUs: Micros,
  rules: LivenessRules,
  skewOf: SkewOf,
  sinceMoved: SinceMoved = () => null,
): SchedulerLife[] {
  const lives = rows.map((row) => {
    // A heartbeat that was seen to move is a sign of life whatever its stamp says: a clock minutes behind stamps it old.
    const age = Math.min(nowUs - row.heartbeat_us + skewOf(row), sinceMoved(row) ?? Infinity);
    return { ...row, name: schedulerName(row), age_us: age, alive: row.state === 'running' && age < rules.thresholdUs };
  });
  const anyAlive = lives.some((life) => life.alive);
  const kept = lives.filter((life) => life.alive || (life.state !== 'success' && life.age_us < rules.forgetUs));
  if (anyAlive || kept.length > 0) return kept;
  return lives.length === 0 ? [] : [lives.reduce((a, b) => (b.age_us < a.age_us ? b : a))];
}

/** Changes of a heartbeat that are remembered to tell a clock's skew from the time between two beats. */
const REMEMBERED = 12;
/** One beat that was seen late may be the last one before a death; a clock is judged by several. */
const NEEDED = 3;

/**
 * Measures how far a scheduler's clock is off from the database's. Airflow's heartbeat is stamped by the scheduler and is
 * seen at the next poll, so its age at first sight is (time until the poll) − skew. The youngest age among the last
 * beats is taken: below zero the clock is ahead by at least that; above the time between two polls it is behind.
 */
export class SkewMeter {
  private readonly beats = new Map<number, Beats>();
  private hasObserved = false;

  /** Rows as read at one poll. */
  observe(rows: readonly SchedulerRow[], nowUs: Micros): void {
    // A row that was not there at an earlier poll has been written since.
    const appeared = this.hasObserved ? nowUs : null;
    this.hasObserved = true;
    for (const row of rows) {
      const known = this.beats.get(row.job_id);
      // A heartbeat that moves backwards is a clock being set: what was measured before says nothing any more.
      if (!known || row.heartbeat_us < known.newest) {
        this.beats.set(row.job_id, {
          newest: row.heartbeat_us,
          ages: [],
          intervals: [],
          movedAt: known ? nowUs : appeared,
        });
      } else if (known.newest !== row.heartbeat_us) {
        known.intervals = [...known.intervals, row.heartbeat_us - known.newest].slice(-REMEMBERED);
        known.newest = row.heartbeat_us;
        known.movedAt = nowUs;
        known.ages = [...known.ages, nowUs - row.heartbeat_us].slice(-REMEMBERED);
      }
    }
    const present = new Set(rows.map((row) => row.job_id));
    for (const id of this.beats.keys()) if (!present.has(id)) this.beats.delete(id);
  }

  sinceMoved(row: SchedulerRow, nowUs: Micros): Micros | null {
    const movedAt = this.beats.get(row.job_id)?.movedAt ?? null;
    return movedAt === null ? null : nowUs - movedAt;
  }

  /**
   * What to take off a heartbeat's age: by how much its stamps are always older, or younger, than a poll's distance explains.
   * 0 where nothing has been measured.
   */
  skewOf(row: SchedulerRow, pollUs: Micros): Micros {
    const youngest = this.youngestAge(row);
    if (row.skew_us !== null || youngest === null) return 0;
    return youngest < 0 || youngest > 2 * pollUs ? -youngest : 0;
  }

  /**
   * Scheduler's clock minus the database's. Stamps that are older by no more than the time between two beats tell of no clock
   * that is behind: Airflow 3.3 writes each beat one beat late.
   */
  measured(row: SchedulerRow, pollUs: Micros): Micros {
    if (row.skew_us !== null) return row.skew_us;
    const youngest = this.youngestAge(row);
    if (youngest === null) return 0;
    const late = Math.min(...this.beats.get(row.job_id)!.intervals);
    return youngest < 0 || youngest > 2 * pollUs + late ? -youngest : 0;
  }

  /** Null until several beats were seen. */
  private youngestAge(row: SchedulerRow): Micros | null {
    const ages = this.beats.get(row.job_id)?.ages ?? [];
    return ages.length < NEEDED ? null : Math.min(...ages);
  }
}

interface Beats {
  newest: Micros;
  /** Of the last beats when they were first seen. */
  ages: Micros[];
  /** Between the last beats. */
  intervals: Micros[];
  movedAt: Micros | null;
}
