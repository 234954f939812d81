import { groupedBy } from '../../../shared/groupedBy.ts';
import { aggregateState } from '../../data/stateLook.ts';
import type { GanttAttempt, GanttModel, GanttSegment, GanttTask, SegmentKind } from './model.ts';
import type { GanttSort } from './options.ts';
import { waitOf, workOf } from './timing.ts';

/** A row of the chart: a task instance, or several under one heading that can be opened. */
export type GanttRow = TaskRow | GroupRow;

export interface TaskRow {
  kind: 'task';
  key: string;
  depth: number;
  label: string;
  task: GanttTask;
}

export interface GroupRow {
  kind: 'run' | 'mapped';
  key: string;
  depth: number;
  label: string;
  expanded: boolean;
  tasks: GanttTask[];
  state: string | null;
  critical: boolean;
  /** Segments of its task instances, merged by kind without overlaps. */
  segments: GanttSegment[];
}

export interface RowFilter {
  /** Part of a task_id, task group or operator; case-insensitive. */
  text: string;
  /** Empty for all; the word `none` means no status. */
  states: readonly string[];
}

export interface RowSettings {
  filter: RowFilter;
  sort: GanttSort;
  groupMappedAbove: number;
  /** Keys of group rows that the user opened or closed. At first, runs are open and mapped tasks are closed. */
  toggled: ReadonlySet<string>;
  /** Epoch milliseconds until which unfinished segments count. */
  now: number;
}

interface Sortable {
  /** Smaller values come first; null comes last. */
  first: number | null;
  start: number | null;
  rank: number;
  label: string;
}

const natural = new Intl.Collator('en', { numeric: true });

/** Sorts, filters and folds the model's tasks into the rows to show. */
export function buildRows(model: GanttModel, settings: RowSettings): GanttRow[] {
  const tasks = model.tasks.filter((task) => matches(task, settings.filter));
  if (!model.manyRuns) return rowsOfRun(tasks, 0, settings);
  const byRun = groupedBy(tasks, (task) => JSON.stringify([task.source, task.dagId, task.runId]));
  return [...byRun].flatMap(([key, ofRun]) => {
    const first = ofRun[0]!;
    const head = groupRow('run', `run ${key}`, 0, `${first.dagId} / ${first.runId}`, ofRun, settings.toggled);
    return head.expanded ? [head, ...rowsOfRun(ofRun, 1, settings)] : [head];
  });
}

export function matches(task: GanttTask, filter: RowFilter): boolean {
  if (filter.states.length > 0 && !filter.states.includes(task.state ?? 'none')) return false;
  const wanted = filter.text.trim().toLowerCase();
  if (wanted === '') return true;
  const label = instanceLabel(task);
  return [label, task.taskGroup, task.operator].some((word) => word?.toLowerCase().includes(wanted));
}

export function instanceLabel(task: GanttTask): string {
  return task.mapIndex < 0 ? task.taskId : `${task.taskId} [${task.mapIndex}]`;
}

function rowsOfRun(tasks: readonly GanttTask[], depth: number, settings: RowSettings): GanttRow[] {
  const entries = [...groupedBy(tasks, (task) => task.taskId)].flatMap(([taskId, instances]) => {
    const mapped = instances.filter((task) => task.mapIndex >= 0);
    if (mapped.length > settings.groupMappedAbove) return [{ taskId, instances }];
    return instances.map((task) => ({ taskId, instances: [task] }));
  });
  const decorated = entries.map((entry) => ({ entry, sortable: sortableOf(entry.instances, settings) }));
  decorated.sort((a, b) => compare(a.sortable, b.sortable));
  return decorated.flatMap(({ entry }) => rowsOfEntry(entry.taskId, entry.instances, depth, settings));
}

function rowsOfEntry(taskId: string, instances: GanttTask[], depth: number, settings: RowSettings): GanttRow[] {
  if (instances.length === 1) return [taskRow(instances[0]!, depth)];
  const key = `mapped ${instances[0]!.key.replace(/\[\d+\]$/, '')}`;
  const head = groupRow('mapped', key, depth, taskId, instances, settings.toggled);
  if (!head.expanded) return [head];
  const decorated = instances.map((task) => ({ task, sortable: sortableOf([task], settings) }));
  decorated.sort((a, b) => compare(a.sortable, b.sortable));
  return [head, ...decorated.map(({ task }) => taskRow(task, depth + 1))];
}

function taskRow(task: GanttTask, depth: number): TaskRow {
  return { kind: 'task', key: task.key, depth, label: instanceLabel(task), task };
}

function groupRow(
  kind: GroupRow['kind'],
  key: string,
  depth: number,
  label: string,
  tasks: GanttTask[],
  toggled: ReadonlySet<string>,
): GroupRow {
  return {
    kind,
    key,
    depth,
    label,
    tasks,
    expanded: toggled.has(key) !== (kind === 'run'),
    state: aggregateState(tasks.map((task) => task.state)),
    critical: tasks.some((task) => task.critical),
    segments: (['scheduler', 'slot', 'running'] as const).flatMap((segmentKind) => union(tasks, segmentKind)),
  };
}

/** Intervals in which at least one task instance had such a segment. An unfinished segment includes all that start after it. */
export function union(tasks: readonly GanttTask[], kind: SegmentKind): GanttSegment[] {
  const all = tasks.flatMap((task) => task.attempts.flatMap((attempt: GanttAttempt) => attempt.segments));
  const sorted = all.filter((segment) => segment.kind === kind).sort((a, b) => a.from - b.from);
  const merged: GanttSegment[] = [];
  for (const segment of sorted) {
    const last = merged.at(-1);
    if (last && (last.to === null || segment.from <= last.to)) {
      last.to = last.to === null || segment.to === null ? null : Math.max(last.to, segment.to);
    } else {
      merged.push({ ...segment });
    }
  }
  return merged;
}

function sortableOf(tasks: readonly GanttTask[], { sort, now }: RowSettings): Sortable {
  const { rank } = tasks[0]!;
  const label = instanceLabel(tasks[0]!);
  let start: number | null = null;
  for (const task of tasks) if (task.start !== null) start = Math.min(start ?? Infinity, task.start);
  const longest = (of: (task: GanttTask, now: number) => number) =>
    tasks.reduce((most, task) => Math.max(most, of(task, now)), 0);
  if (sort === 'name') return { first: 0, start: 0, rank: 0, label };
  const first = sort === 'duration' ? -longest(workOf) : sort === 'waiting' ? -longest(waitOf) : start;
  return { first, start, rank, label };
}

function compare(a: Sortable, b: Sortable): number {
  return (
    nullLast(a.first, b.first) || nullLast(a.start, b.start) || a.rank - b.rank || natural.compare(a.label, b.label)
  );
}

function nullLast(a: number | null, b: number | null): number {
  if (a === b) return 0;
  return a === null ? 1 : b === null ? -1 : a - b;
}
