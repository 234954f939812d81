import { statesInWords } from '../../data/countStates.ts';
import { formatMilliseconds } from '../../data/duration.ts';
import { stateLook } from '../../data/stateLook.ts';
import type { GanttAttempt, GanttTask } from './model.ts';
import type { GanttRow, GroupRow } from './rows.ts';
import { spentIn, workOf } from './timing.ts';

/** Describes a row for a screen reader. */
export function describeRow(row: GanttRow, now: number): string {
  return row.kind === 'task' ? describeTask(row.task, row.label, now) : describeGroup(row);
}

function describeTask(task: GanttTask, label: string, now: number): string {
  const newest = task.attempts.at(-1);
  const parts = [label, stateLook(task.state).label];
  const unknown = task.missing.includes('start_date') || task.missing.includes('end_date');
  if (!unknown && task.attempts.some((attempt) => spentIn(attempt, 'running', now) !== null)) {
    parts.push(`ran ${formatMilliseconds(workOf(task, now))}`);
  }
  const scheduler = spentIn(newest, 'scheduler', now);
  const slot = spentIn(newest, 'slot', now);
  const gap = spentIn(newest, 'gap', now);
  if (gap !== null) parts.push(`after a gap of ${formatMilliseconds(gap)}`);
  if (scheduler !== null) parts.push(`waited ${formatMilliseconds(scheduler)} for the scheduler`);
  if (slot !== null) parts.push(`queued ${formatMilliseconds(slot)} for a slot`);
  if (newest && newest.tryNumber > 1) parts.push(`try ${newest.tryNumber}`);
  if (task.critical) parts.push('on the critical path');
  if (task.missing.length > 0) parts.push(`not recorded by the source: ${task.missing.join(', ')}`);
  return task.waiting ? `${parts.join(', ')}. ${task.waiting}` : parts.join(', ');
}

function describeGroup(row: GroupRow): string {
  const what = row.kind === 'run' ? 'task instances' : 'mapped instances';
  const parts = [row.label, `${row.tasks.length} ${what}`, statesInWords(row.tasks)];
  if (row.critical) parts.push('on the critical path');
  return parts.join(', ');
}

/** One line about an attempt for the tooltip: its state and the time that it ran. */
export function describeAttempt(attempt: GanttAttempt, now: number): string {
  const ran = spentIn(attempt, 'running', now);
  return `${stateLook(attempt.state).label}${ran === null ? '' : `, ${formatMilliseconds(ran)}`}`;
}
