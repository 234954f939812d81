/** One pass of Airflow's scheduling loop. Moments are milliseconds since 1970. */
export interface Pass {
  scheduler: string;
  from: number;
  to: number;
}

/** Work that the exporter reported as ready from one moment until its last poll. */
export interface Sample {
  since: number;
  at: number;
  /** When transactions held the lock of the run, or of the DAG if the run has not been created yet. */
  locked: readonly Held[];
}

/** A period in which something was locked. Moments are milliseconds since 1970. */
export interface Held {
  from: number;
  to: number;
}

export interface Judgement {
  /** A scheduler examined the work and did not act on it, so it was not ready. */
  isFalse: boolean;
  /** The passes that the verdict is based on, in words. */
  evidence: string;
}

/** Above this, the gauge reports work that the scheduler neglects. */
export const LIMIT_SECONDS = 15;
/**
 * A pass counts only if it began at least this long after the work became ready. Airflow takes the timestamp of a task's end before it
 * commits the row, so a scheduler can't see the work at the very moment in which it becomes ready.
 */
export const TOLERANCE_SECONDS = 2;

const NAMED = 3;

/**
 * Whether a sample above the limit is false: one scheduler began and completed a whole pass between the moment in which the work
 * became ready and the sample. If no scheduler did, the work was neglected, and the gauge is right. Schedulers skip runs and DAGs
 * that are locked, so a pass that begins while they are locked proves nothing.
 */
export function judge({ since, at, locked }: Sample, passes: readonly Pass[]): Judgement {
  // Without any pass, the logs could not be read, which is no excuse.
  if (passes.length === 0) return { isFalse: true, evidence: 'no scheduler log contains a pass' };
  const from = since + TOLERANCE_SECONDS * 1_000;
  const inTime = passes.filter((pass) => pass.from >= from && pass.to <= at);
  // A lock that began after the pass may belong to the pass itself, which then examined the work.
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
