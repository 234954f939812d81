import { WaitBook, type ExplainedWait } from '../../exporter/flow/waiting/book.ts';
import type { ActiveRun } from '../../exporter/flow/waiting/activeRun.ts';
import type { TaskRow } from '../../exporter/sources/rows.ts';
import { poll, S, type World } from './polledWork.ts';
import { task } from './taskRows.ts';

/** Long enough ago that a wrong age is noticed. */
export const YEARS_AGO = -1e15;
export const NOBODY = { schedulersAlive: 1, lanesAlive: null, triggerersAlive: 1, previous: null };

/** Why a task of a run waits; why the run itself waits if the task is null. */
export function waitOf(
  of: ActiveRun,
  who: string | null,
  world: World = {},
  beside: ActiveRun[] = [],
  others = {},
): ExplainedWait {
  const waits = new WaitBook();
  waits.update(poll([of, ...beside], world));
  const told = waits.of(of.run, of.all, of, { ...NOBODY, ...others })!;
  return (who === null ? told.ofRun() : told.ofTask(of.all.find((one) => one.task_id === who)!))!;
}

export const done = task('first', 901 * S, 950 * S);
export const none = task('second', null, null, { state: null, try_number: 0 });
export const scheduled = task('second', null, null, { state: 'scheduled', scheduled_us: 960 * S });
export const holder = (more: Partial<TaskRow> = {}): TaskRow =>
  task('first', 910 * S, null, { state: 'running', queued_us: 905 * S, ...more });
