import type { Micros, SchedulerRow, TaskRow } from '../sources/rows.ts';

export interface Interval {
  from: Micros;
  to: Micros;
}

export interface OutageInterval {
  from: Micros;
  /** Null while it lasts. */
  to: Micros | null;
}

/** What earlier polls saw: until when some scheduler has certainly beaten, and which outage lasts. */
export interface OutageMemory {
  lastBeatUs: Micros | null;
  /** When the last poll read the heartbeats. */
  seenAtUs: Micros | null;
}

/**
 * Intervals longer than the threshold without a heartbeat of any scheduler, from what the job rows say: each scheduler lived from
 * its start to its latest heartbeat. A gap between two polls that a scheduler lived through is no evidence, one that
 * polls watched is: `memory` holds the newest beat that an earlier poll saw, which nothing had followed at `seenAtUs`.
 */
export function findOutages(
  rows: readonly SchedulerRow[],
  memory: OutageMemory,
  nowUs: Micros,
  thresholdUs: Micros,
): OutageInterval[] {
  const lives = watchedLives(rows, memory, thresholdUs).sort((a, b) => a.from - b.from);
  const outages: OutageInterval[] = [];
  let covered: Micros | null = null;
  for (const life of lives) {
    if (covered !== null && life.from - covered > thresholdUs) outages.push({ from: covered, to: life.from });
    covered = Math.max(covered ?? life.to, life.to);
  }
  if (covered !== null && nowUs - covered > thresholdUs) outages.push({ from: covered, to: null });
  return outages;
}

/**
 * Outages as they go on from those that are on record. What is found may begin later than the record says, for the same
 * silence: Airflow 3.3 writes each beat one beat late, so that an old heartbeat may appear during an outage, or after it; and an
 * exporter that has just started does not know yet how far a clock is off.
 */
export function continued(
  found: readonly OutageInterval[],
  recorded: readonly OutageInterval[],
  thresholdUs: Micros,
): OutageInterval[] {
  const byBeginning = new Map<Micros, OutageInterval>();
  for (const outage of found) {
    const same = recorded.find((other) => isSame(outage, other, thresholdUs));
    const from = same?.from ?? outage.from;
    byBeginning.set(from, { from, to: outage.to });
  }
  return [...byBeginning.values()];
}

function isSame(found: OutageInterval, recorded: OutageInterval, thresholdUs: Micros): boolean {
  // A beat within the threshold of the beginning was written before the silence: a live scheduler's comes later.
  const lasts = recorded.to === null && Math.abs(found.from - recorded.from) <= thresholdUs;
  return lasts || (found.from < (recorded.to ?? Infinity) && recorded.from < (found.to ?? Infinity));
}

/** Lives of schedulers; one that was seen not to beat for longer than the threshold is cut in two at the silence. */
function watchedLives(rows: readonly SchedulerRow[], memory: OutageMemory, thresholdUs: Micros): Interval[] {
  const { lastBeatUs, seenAtUs } = memory;
  const silent = lastBeatUs !== null && seenAtUs !== null && seenAtUs - lastBeatUs > thresholdUs;
  return rows.flatMap((row) => {
    const life = { from: row.start_us, to: Math.max(row.start_us, row.heartbeat_us) };
    if (!silent || life.from >= lastBeatUs || life.to <= lastBeatUs) return [life];
    // It beat again after the silence; the first beat after it lies between the last poll and the newest beat.
    return [
      { from: life.from, to: lastBeatUs },
      { from: Math.min(Math.max(seenAtUs, life.from), life.to), to: life.to },
    ];
  });
}

/** A task instance as far as it shows whether a run went on. */
export type WorkedTask = Pick<TaskRow, 'task_id' | 'start_us' | 'end_us' | 'state' | 'operator'>;

/**
 * How much of an outage a run spent waiting: the part of the interval after the run was due and before it ended in which
 * none of its tasks worked. Work that was under way needs no scheduler; a sensor that pokes, and a task that waits for its
 * trigger, for a retry or for its next poke, is no work.
 */
export function delayOf(
  outage: Interval,
  run: { due_us: Micros | null; queued_us: Micros | null; start_us: Micros | null; end_us: Micros | null },
  tasks: readonly WorkedTask[],
  isSensor: (task: WorkedTask) => boolean = hasSensorOperator,
): Micros {
  const since = run.due_us ?? run.queued_us ?? run.start_us;
  if (since === null) return 0;
  const from = Math.max(outage.from, since);
  const to = Math.min(outage.to, run.end_us ?? outage.to);
  const work = tasks
    .filter((task) => task.start_us !== null && WORKED.includes(task.state) && !isSensor(task))
    .map((task) => ({ from: Math.max(task.start_us!, from), to: Math.min(task.end_us ?? to, to) }))
    .filter((interval) => interval.to > interval.from)
    .sort((a, b) => a.from - b.from);
  let waited = 0;
  let at = from;
  for (const interval of work) {
    waited += Math.max(0, interval.from - at);
    at = Math.max(at, interval.to);
  }
  return Math.max(0, waited + Math.max(0, to - at));
}

/** States in which the timestamps of a task instance belong to finished or running work. */
const WORKED: readonly (string | null)[] = ['running', 'restarting', 'success', 'failed', 'up_for_retry'];

function hasSensorOperator({ operator }: WorkedTask): boolean {
  return operator !== null && /sensor/i.test(operator);
}
