import type { Waiting } from '../../shared/api.ts';
import type { SourceObserver } from '../collectors/sourceObserver.ts';
import type { TrackedRun } from '../collectors/trackedRun.ts';
import type { RunWaits, ExplainedWait } from '../flow/waiting/book.ts';
import { byTaskId } from '../flow/transitions.ts';
import type { PreviousTaskRow, RunRow, TaskRow } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import { timestamp } from './time.ts';

/** A wait as the API returns it. */
export function waitingOf(wait: ExplainedWait | null): Waiting | null {
  return (
    wait && {
      reason: wait.reason,
      since: timestamp(wait.sinceUs),
      until: timestamp(wait.untilUs),
      detail: wait.detail,
      blockers: [...wait.blockers],
      blockers_total: wait.blockersTotal,
    }
  );
}

/** Why a run and its task instances wait, based on the given rows; null before the first poll of the source. */
export function waitsOf(
  source: SourceObserver,
  run: RunRow,
  tasks: readonly TaskRow[],
  structure: DagStructure | null,
  previous: readonly PreviousTaskRow[] | null = null,
): RunWaits | null {
  return source.waits.of(run, tasks, { tasks: byTaskId(tasks), structure }, { ...source.others, previous });
}

/** Why a run as a whole waits, regardless of its task instances. */
export function runWaiting(source: SourceObserver, run: RunRow): Waiting | null {
  return waitingOf(waitsOf(source, run, [], null)?.ofRun() ?? null);
}

/** As waitsOf, for an active run that the exporter follows. */
export function trackedWaits(source: SourceObserver, tracked: TrackedRun): RunWaits | null {
  return waitsOf(source, tracked.run, [...tracked.tasks.values()], source.structureOf(tracked));
}
