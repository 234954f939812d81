import type { Micros, RunRow, SchedulerRow, TaskRow } from '../sources/rows.ts';

export interface Interval {
  from: Micros;
  to: Micros;
}

export interface OutageInterval {
  from: Micros;
  /** Null while the outage is ongoing. */
  to: Micros | null;
}

/** What earlier polls saw: the newest heartbeat, when they saw it, and an ongoing outage. */
export interface OutageMemory {
  lastBeatUs: Micros | null;
  /** When the last poll read the heartbeats. */
  seenAtUs: Micros | null;
}

/**
 * Finds intervals longer than the threshold without a heartbeat of any scheduler. According to its row, each scheduler was alive
 * from its start to its latest heartbeat. This hides a silence after which the same scheduler sent heartbeats again, unless polls
 * saw it: `memory` holds the newest heartbeat of an earlier poll, which was still the newest at `seenAtUs`.
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
 * Matches outages that are found now with recorded ones. For the same silence, the found start may be later than the recorded
 * one: Airflow 3.3 writes each heartbeat one interval late, so an old heartbeat may appear during or after an outage. Also, an
 * exporter that has just started does not know the skew of the clocks yet.
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
  // A heartbeat within the threshold of the start was sent before the silence: that of a live scheduler comes later.
  const lasts = recorded.to === null && Math.abs(found.from - recorded.from) <= thresholdUs;
  return lasts || (found.from < (recorded.to ?? Infinity) && recorded.from < (found.to ?? Infinity));
}

/** The intervals in which schedulers were alive. If polls saw a scheduler silent for longer than the threshold, its interval is split. */
function watchedLives(rows: readonly SchedulerRow[], memory: OutageMemory, thresholdUs: Micros): Interval[] {
  const { lastBeatUs, seenAtUs } = memory;
  const silent = lastBeatUs !== null && seenAtUs !== null && seenAtUs - lastBeatUs > thresholdUs;
  return rows.flatMap((row) => {
    const life = { from: row.start_us, to: Math.max(row.start_us, row.heartbeat_us) };
    if (!silent || life.from >= lastBeatUs || life.to <= lastBeatUs) return [life];
    // It sent heartbeats again after the silence; the first one came between the last poll and the newest heartbeat.
    return [
      { from: life.from, to: lastBeatUs },
      { from: Math.min(Math.max(seenAtUs, life.from), life.to), to: life.to },
    ];
  });
}

/** The part of a task instance that shows whether its run made progress. */
export type WorkedTask = Pick<TaskRow, 'task_id' | 'start_us' | 'end_us' | 'state' | 'operator'>;

/** The part of a run that shows since when it was wanted, and until when. */
export type DelayedRun = Pick<RunRow, 'run_type' | 'logical_us' | 'due_us' | 'queued_us' | 'start_us' | 'end_us'>;

/**
 * How long an outage delayed a run: the part of the interval after the run was due and before it ended, during which none of its
 * tasks worked. Running tasks need no scheduler. A sensor that pokes, and a task that waits for its trigger, a retry or its next
 * poke, does not count as working.
 */
export function delayOf(
  outage: Interval,
  run: DelayedRun,
  tasks: readonly WorkedTask[],
  isSensor: (task: WorkedTask) => boolean = hasSensorOperator,
): Micros {
  const since = run.due_us ?? wantedSince(outage, run);
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

/**
 * A run that is triggered for a moment in the outage, such as the arrival of a user, and was made after it, has been waited for since
 * that moment: no scheduler ran the task that triggers it. Other logical dates don't say when a run was wanted.
 */
function wantedSince(outage: Interval, { run_type, logical_us, queued_us, start_us }: DelayedRun): Micros | null {
  const made = queued_us ?? start_us;
  const isFor = run_type === 'manual' && logical_us !== null && logical_us >= outage.from && logical_us < outage.to;
  return isFor && made !== null && made >= outage.to ? logical_us : made;
}

/** States in which the timestamps of a task instance belong to finished or running work. */
const WORKED: readonly (string | null)[] = ['running', 'restarting', 'success', 'failed', 'up_for_retry'];

function hasSensorOperator({ operator }: WorkedTask): boolean {
  return operator !== null && /sensor/i.test(operator);
}
