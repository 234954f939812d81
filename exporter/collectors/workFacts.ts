import type { PollFacts } from '../promises/pollFacts.ts';
import type { Micros, Snapshot } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import type { EndedRun } from '../usual/usualTimes.ts';
import type { Work } from './pollWork.ts';
import type { TrackedRun } from './trackedRun.ts';

/**
 * The facts of a poll that promises are judged by. `historyFromUs`: the moment down to which the history has been read.
 * `stampsBehindUs`: by how much timestamps of runs may be too early.
 */
export function pollFactsOf(work: Work, snapshot: Snapshot, historyFromUs: Micros, stampsBehindUs: Micros): PollFacts {
  return {
    nowUs: snapshot.now_us,
    stampedUs: snapshot.now_us - stampsBehindUs,
    readUntilUs: work.progress.read_until_us,
    settled: work.settled.map(({ tracked, isFirstEnd }) => ({
      run: tracked.run,
      keys: tracked.keys,
      tasks: [...tracked.tasks.values()],
      isFirstEnd,
    })),
    created: work.created.map((run) => ({ run, keys: run.keys })),
    deleted: work.deleted,
    active: work.active.values(),
    historyFromUs: work.progress.history_cursor <= 1 ? -Infinity : historyFromUs,
  };
}

/** Runs that ended for the first time, which update the usual durations. */
export function endedRunsOf(work: Work, structureOf: (tracked: TrackedRun) => DagStructure | null): EndedRun[] {
  return work.settled
    .filter(({ isFirstEnd }) => isFirstEnd)
    .map(({ tracked }) => ({ run: tracked.run, tasks: tracked.tasks, structure: structureOf(tracked) }));
}
