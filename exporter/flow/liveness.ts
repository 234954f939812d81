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
