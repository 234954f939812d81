/** One pass of Airflow's scheduler; moments are milliseconds since 1970. */
export interface Pass {
  scheduler: string;
  from: number;
  to: number;
}

/** Work that was ready from one moment to another, as the exporter saw it: until its last poll. */
export interface Sample {
  since: number;
  at: number;
  /** When transactions held the lock of the run, or of the DAG if the run is not made yet. */
  locked: readonly Held[];
}

/** A time for which something was locked; moments are milliseconds since 1970. */
export interface Held {
  from: number;
  to: number;
}

export interface Judgement {
  /** Airflow had a look at the work and left it lying, so it was not ready. */
  isFalse: boolean;
  /** The passes by which that was decided, in words. */
  evidence: string;
}

/** Above this, the gauge speaks of work that a scheduler leaves lying. */
export const LIMIT_SECONDS = 15;
/**
 * A pass counts only if it began this much after the work became ready. Airflow stamps a task's end before it commits the row,
 * so that a scheduler can't see the work in the moment in which it becomes ready.
 */
export const TOLERANCE_SECONDS = 2;

const NAMED = 3;

/**
 * Whether a sample above the limit is false: one scheduler began and completed a whole pass between the moment in which the
 * work became ready and the sample. Where no scheduler did, the work was left lying, and the gauge is right. Schedulers skip runs
 * and DAGs that are locked, so that a pass that begins in that time says nothing about them.
 */
export function judge({ since, at, locked }: Sample, passes: readonly Pass[]): Judgement {
  // Without any pass the logs can't be read; nothing may be excused by that.
  if (passes.length === 0) return { isFalse: true, evidence: 'no log of a scheduler tells of a pass' };
  const from = since + TOLERANCE_SECONDS * 1_000;
  const inTime = passes.filter((pass) => pass.from >= from && pass.to <= at);
  // A lock that is younger than the pass may be the pass's own, and then it had a look.
  const whole = inTime.filter((pass) => !locked.some((held) => held.from < pass.from && held.to >= pass.from));
  if (whole.length > 0) return { isFalse: true, evidence: `whole passes: ${whole.length}, e.g. ${listed(whole)}` };
  if (inTime.length > 0) return { isFalse: false, evidence: `locked when each whole pass began; ${listed(inTime)}` };
  const cut = passes.filter((pass) => pass.to > since && pass.from < at);
  if (cut.length > 0) return { isFalse: false, evidence: `no whole pass; ${listed(cut)}` };
  const before = passes.filter((pass) => pass.to <= since).sort((a, b) => b.to - a.to);
  return { isFalse: false, evidence: `no pass at all; the one before was ${listed(before.slice(0, 1)) || 'none'}` };
}

function listed(passes: readonly Pass[]): string {
  return passes
    .slice(0, NAMED)
    .map(({ scheduler, from, to }) => `${scheduler} ${clock(from)} to ${clock(to)}`)
    .join(', ');
}

function clock(moment: number): string {
  return new Date(moment).toISOString().slice(11, 21);
}
