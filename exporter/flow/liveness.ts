import type { Micros, SchedulerRow } from '../sources/rows.ts';

export interface LivenessRules {
  /** A scheduler with an older heartbeat is dead. */
  thresholdUs: Micros;
  /** A dead scheduler is shown for this long while another one is alive; then its row is ignored. */
  forgetUs: Micros;
}

export interface SchedulerLife extends SchedulerRow {
  name: string;
  alive: boolean;
  /** Age of the heartbeat by the database's clock, corrected for the skew of the scheduler's clock. */
  age_us: Micros;
}

/** Measured skew of one scheduler's clock; see SkewMeter. */
export type SkewOf = (scheduler: SchedulerRow) => Micros;

/** How long ago the exporter itself last saw the heartbeat of a scheduler change; null if it has not seen that yet. */
export type SinceMoved = (scheduler: SchedulerRow) => Micros | null;

/** Stable name of one scheduler process. */
export function schedulerName(scheduler: Pick<SchedulerRow, 'hostname' | 'job_id'>): string {
  return `${scheduler.hostname || 'unknown'}:${scheduler.job_id}`;
}

/**
 * Determines which schedulers to show and which are alive. The rule is Airflow's: a scheduler is alive if its state is `running`
 * and its heartbeat is recent. In addition, the row of a killed scheduler says `running` forever. Such a scheduler is shown as
 * dead, and dropped after `forgetUs` if another one is alive. `failed` also means dead: another scheduler writes it into the row of
 * one that it misses. Only `success` means a clean stop. If none is alive, the one that died last stays visible with its age.
 */
export function judgeSchedulers(
  rows: readonly SchedulerRow[],
  nowUs: Micros,
  rules: LivenessRules,
  skewOf: SkewOf,
  sinceMoved: SinceMoved = () => null,
): SchedulerLife[] {
  const lives = rows.map((row) => {
    // A heartbeat that changes is a sign of life, whatever its timestamp says: it looks old if the clock is minutes behind.
    const age = Math.min(nowUs - row.heartbeat_us + skewOf(row), sinceMoved(row) ?? Infinity);
    return { ...row, name: schedulerName(row), age_us: age, alive: row.state === 'running' && age < rules.thresholdUs };
  });
  const anyAlive = lives.some((life) => life.alive);
  const kept = lives.filter((life) => life.alive || (life.state !== 'success' && life.age_us < rules.forgetUs));
  if (anyAlive || kept.length > 0) return kept;
  return lives.length === 0 ? [] : [lives.reduce((a, b) => (b.age_us < a.age_us ? b : a))];
}

/** Number of heartbeats to remember, to distinguish a clock's skew from the interval between heartbeats. */
const REMEMBERED = 12;
/** Number of heartbeats that are needed to judge a clock. A single late one may be the last before the scheduler died. */
const NEEDED = 3;

/**
 * Measures the skew of a scheduler's clock against the database's. Airflow's schedulers write heartbeats by their own clocks, and
 * the exporter sees them at the next poll. So the age of a heartbeat when it is first seen is (time until the poll) − skew. The
 * smallest age among the last heartbeats counts. If it is negative, the clock is at least that far ahead. If it is greater than the
 * time between two polls, the clock is behind.
 */
export class SkewMeter {
  private readonly beats = new Map<number, Beats>();
  private hasObserved = false;

  /** Rows as read at one poll. */
  observe(rows: readonly SchedulerRow[], nowUs: Micros): void {
    // A row that was missing at an earlier poll has been written since then.
    const appeared = this.hasObserved ? nowUs : null;
    this.hasObserved = true;
    for (const row of rows) {
      const known = this.beats.get(row.job_id);
      // If a heartbeat moves backwards, the clock was changed, and earlier measurements are void.
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
   * Correction for the age of a heartbeat: by how much its timestamps are consistently older or younger than the time between
   * polls explains. 0 if nothing has been measured.
   */
  skewOf(row: SchedulerRow, pollUs: Micros): Micros {
    const youngest = this.youngestAge(row);
    if (row.skew_us !== null || youngest === null) return 0;
    return youngest < 0 || youngest > 2 * pollUs ? -youngest : 0;
  }

  /**
   * The scheduler's clock minus the database's. Timestamps that are late by no more than the interval between two heartbeats do
   * not mean that the clock is behind: Airflow 3.3 writes each heartbeat one interval late.
   */
  measured(row: SchedulerRow, pollUs: Micros): Micros {
    if (row.skew_us !== null) return row.skew_us;
    const youngest = this.youngestAge(row);
    if (youngest === null) return 0;
    const late = Math.min(...this.beats.get(row.job_id)!.intervals);
    return youngest < 0 || youngest > 2 * pollUs + late ? -youngest : 0;
  }

  /** Null until enough heartbeats were seen. */
  private youngestAge(row: SchedulerRow): Micros | null {
    const ages = this.beats.get(row.job_id)?.ages ?? [];
    return ages.length < NEEDED ? null : Math.min(...ages);
  }
}

interface Beats {
  newest: Micros;
  /** Ages of the last heartbeats when they were first seen. */
  ages: Micros[];
  /** Intervals between the last heartbeats. */
  intervals: Micros[];
  movedAt: Micros | null;
}
