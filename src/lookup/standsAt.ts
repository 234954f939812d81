import type { RunProgress } from '../../shared/api.ts';
import { isFinishedRun } from '../../shared/states.ts';
import { formatSeconds } from '../data/duration.ts';
import { stateLook } from '../data/stateLook.ts';
import { epochOf, instanceKey } from '../data/upstreamEnds.ts';

const NAMED = 2;

/** Where a run stands, for a person: `credit_check running for 12.0 s and 2 more · 17 of 40 tasks`. */
export function standsAt(progress: RunProgress, runState: string, now: number): string {
  const count = progress.tasks_total > 0 ? `${progress.tasks_done} of ${progress.tasks_total} tasks` : 'no tasks yet';
  if (progress.current.length === 0) return count;
  const names = progress.current.slice(0, NAMED).map((task) => taskWords(task, isFinishedRun(runState), now));
  const more = progress.current.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''} · ${count}`;
}

function taskWords(task: RunProgress['current'][number], over: boolean, now: number): string {
  const words = `${instanceKey(task.task_id, task.map_index)} ${stateLook(task.state).label}`;
  const since = epochOf(task.since);
  return since === null || over ? words : `${words} for ${formatSeconds(Math.max(0, (now - since) / 1000))}`;
}
