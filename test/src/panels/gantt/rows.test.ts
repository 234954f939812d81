import { describe, expect, it } from 'vitest';
import { buildRows, union, type GanttRow, type RowSettings } from '../../../../src/panels/gantt/rows.ts';
import { ganttFromRun } from '../../../../src/panels/gantt/toModel.ts';
import { runOf } from '../plannedRun.ts';
import { ONBOARDING } from '../plans.ts';

const model = ganttFromRun(runOf(ONBOARDING));
const settings: RowSettings = {
  filter: { text: '', states: [] },
  sort: 'start',
  groupMappedAbove: 5,
  toggled: new Set(),
  now: 0,
};
const labels = (rows: GanttRow[]) => rows.map((row) => row.label);
const rowsWith = (changes: Partial<RowSettings>) => buildRows(model, { ...settings, ...changes });

describe('rows', () => {
  it('folds a mapped task with many instances into one row', () => {
    const folded = rowsWith({}).find((row) => row.label === 'screening.sanctions_list');
    expect(folded).toMatchObject({ kind: 'mapped', expanded: false });
    expect(folded?.kind === 'mapped' && folded.tasks).toHaveLength(12);
    expect(rowsWith({})).toHaveLength(ONBOARDING.length);
  });

  it('opens it below its heading', () => {
    const key = rowsWith({}).find((row) => row.kind === 'mapped')!.key;
    const open = rowsWith({ toggled: new Set([key]) });
    const at = open.findIndex((row) => row.key === key);
    expect(open[at]).toMatchObject({ expanded: true });
    expect(open.slice(at + 1, at + 13).every((row) => row.kind === 'task' && row.depth === 1)).toBe(true);
    expect(open).toHaveLength(ONBOARDING.length + 12);
  });

  it('shows a few mapped instances as separate rows', () => {
    expect(rowsWith({ groupMappedAbove: 12 })).toHaveLength(ONBOARDING.length + 11);
  });

  it.each([
    ['start', 'receive_application'],
    ['duration', 'identity.match_face'],
    ['waiting', 'join_checks'],
    ['name', 'accounts.create_customer'],
  ] as const)('ordered by %s begins with %s', (sort, first) => {
    expect(labels(rowsWith({ sort }))[0]).toBe(first);
  });

  it('lists tasks that have not started last, in the order of the DAG', () => {
    const rows = buildRows(ganttFromRun(runOf(ONBOARDING, 9)), settings);
    const waiting = rows.filter((row) => row.kind === 'task' && row.task.start === null);
    expect(rows.slice(-waiting.length)).toEqual(waiting);
    expect(labels(waiting).indexOf('join_checks')).toBeLessThan(labels(waiting).indexOf('decide_application'));
    expect(labels(waiting).at(-1)).toBe('finish');
  });

  it.each([
    ['part of a name', { text: 'bureau', states: [] }, 2],
    ['in any case', { text: ' BUREAU ', states: [] }, 2],
    ['a group', { text: 'notify', states: [] }, 3],
    ['an operator', { text: 'branchpython', states: [] }, 1],
    ['a state', { text: '', states: ['skipped'] }, 2],
    ['both', { text: 'review', states: ['skipped'] }, 1],
    ['what is not there', { text: 'bureaux', states: [] }, 0],
  ])('filters by %s', (_, filter, count) => {
    expect(rowsWith({ filter })).toHaveLength(count);
  });

  it('gives each of several runs a heading', () => {
    const other = ganttFromRun(runOf(ONBOARDING, Infinity, 'manual__2')).tasks;
    const tasks = [...model.tasks, ...other.map((task) => ({ ...task, key: `2 ${task.key}` }))];
    const rows = buildRows({ ...model, tasks, manyRuns: true }, settings);
    expect(rows.filter((row) => row.kind === 'run').map((row) => row.label)).toEqual([
      'onboarding / manual__2026-03-14T02:59:30+00:00',
      'onboarding / manual__2',
    ]);
    expect(rows).toHaveLength(2 * ONBOARDING.length + 2);
  });
});

describe('the combined bars of instances', () => {
  const task = (from: number, to: number | null) => ({
    ...model.tasks[0]!,
    attempts: [{ tryNumber: 1, state: null, markAt: null, segments: [{ kind: 'running' as const, from, to }] }],
  });
  it.each([
    ['overlapping', [task(0, 10), task(5, 20)], [[0, 20]]],
    ['touching', [task(0, 10), task(10, 20)], [[0, 20]]],
    [
      'apart',
      [task(15, 20), task(0, 10)],
      [
        [0, 10],
        [15, 20],
      ],
    ],
    ['one within another', [task(0, 30), task(5, 10)], [[0, 30]]],
    ['one that lasts', [task(0, null), task(5, 10)], [[0, null]]],
  ])('%s', (_, tasks, expected) => {
    expect(union(tasks, 'running').map(({ from, to }) => [from, to])).toEqual(expected);
    expect(union(tasks, 'slot')).toEqual([]);
  });
});
