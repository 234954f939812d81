import type { PollFacts } from '../promises/judgePoll.ts';
import type { Micros, Snapshot } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import type { EndedRun } from '../usual/usualTimes.ts';
import type { Work } from './pollWork.ts';
import type { TrackedRun } from './trackedRun.ts';

/**
 * What a poll's work tells those who judge promises by it. `historyFromUs`: down to which moment the history has been read.
 * `stampsBehindUs`: by how much stamps of runs may be too early.
 */
export function pollFactsOf(work: Work, snapshot: Snapshot, historyFromUs: Micros, stampsBehindUs: Micros): PollFacts {
  return {
    nowUs: snapshot.now_us,
    stampedUs: snapshot.now_us - stampsBehindUs,
    readUntilUs: work.progress.read_until_us,
    settled: work.settled.map(({ tracked, isFirstEnd }) => ({
      run: tracked.run,
      keys: tracked.keys,
      tasks: tracked.tasks.values(),
      isFirstEnd,
    })),
    created: work.created.map((run) => ({ run, keys: run.keys })),
    deleted: work.deleted,
    active: work.active.values(),
    historyFromUs: work.progress.history_cursor <= 1 ? -Infinity : historyFromUs,
  };
}

/** Runs that ended for the first time, for those who learn usual durations by them. */
export function endedRunsOf(work: Work, structureOf: (tracked: TrackedRun) => DagStructure | null): EndedRun[] {
  return work.settled
    .filter(({ isFirstEnd }) => isFirstEnd)
    .map(({ tracked }) => ({ run: tracked.run, tasks: tracked.tasks, structure: structureOf(tracked) }));
}
