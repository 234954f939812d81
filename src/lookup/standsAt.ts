import type { LookupItem, RunProgress, Waiting } from '../../shared/api.ts';
import { isFinishedRun } from '../../shared/states.ts';
import { formatSeconds } from '../data/duration.ts';
import { stateLook } from '../data/stateLook.ts';
import { epochOf, instanceKey } from '../data/upstreamEnds.ts';
import { waitingShort } from '../data/waitingWords.ts';

const NAMED = 2;

type Standing = Pick<LookupItem, 'progress' | 'state' | 'now' | 'expected_end' | 'waiting'>;

/**
 * The progress of a run in words: `credit_check running for 12.0 s and 2 more · 17 of 40 tasks · expected to end in 40.0 s`.
 * Null if nothing is known. Durations use the source's clock, which wrote the timestamps.
 */
export function standsAt({ progress, state, now, expected_end, waiting }: Standing): string | null {
  const at = isFinishedRun(state) ? null : epochOf(now);
  const parts = [
    waiting && waitsWords(waiting, at),
    progress && currentWords(progress, at),
    progress && countWords(progress),
    at === null ? null : expectedWords(epochOf(expected_end), at),
  ];
  return parts.filter(Boolean).join(' · ') || null;
}

/** One sentence that says why the run, or its first current task, is waiting. */
export function waitingDetail({ waiting, progress }: Pick<LookupItem, 'waiting' | 'progress'>): string | null {
  return (waiting ?? progress?.current.find((task) => task.waiting)?.waiting)?.detail ?? null;
}

function countWords({ tasks_done, tasks_total }: RunProgress): string {
  return tasks_total > 0 ? `${tasks_done} of ${tasks_total} tasks` : 'no tasks yet';
}

function currentWords({ current }: RunProgress, at: number | null): string {
  const names = current.slice(0, NAMED).map((task) => taskWords(task, at));
  const more = current.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** When the run is expected to end or, if that time has passed, how long ago it was. */
function expectedWords(expected: number | null, at: number): string | null {
  if (expected === null) return null;
  const left = formatSeconds(Math.abs(expected - at) / 1000);
  return expected >= at ? `expected to end in ${left}` : `expected to end ${left} ago`;
}

function waitsWords(waiting: Waiting, at: number | null): string {
  return `waiting: ${waitingShort(waiting, at)}`;
}

function taskWords(task: RunProgress['current'][number], at: number | null): string {
  const name = instanceKey(task.task_id, task.map_index);
  if (task.waiting) return `${name} ${waitsWords(task.waiting, at)}`;
  const words = `${name} ${stateLook(task.state).label}`;
  const since = epochOf(task.since);
  return since === null || at === null ? words : `${words} for ${formatSeconds(Math.max(0, at - since) / 1000)}`;
}
