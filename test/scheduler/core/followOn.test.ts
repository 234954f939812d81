import { describe, expect, it } from 'vitest';
import { downstreamOf } from '../../../shared/dag.ts';
import { parseDefinition, type TaskInput } from '../../../scheduler/core/definition.ts';
import {
  decideFollowOn,
  tasksToRead,
  type EndedTask,
  type FollowOnInput,
  type TaskStates,
} from '../../../scheduler/core/followOn.ts';
import type { TaskInstanceState } from '../../../shared/states.ts';

const TASKS: TaskInput[] = [
  { task_id: 'first', kind: 'function' },
  { task_id: 'left', kind: 'function', upstream_task_ids: ['first'] },
  { task_id: 'right', kind: 'function', upstream_task_ids: ['first'], priority_weight: 5 },
  { task_id: 'join', kind: 'function', upstream_task_ids: ['left', 'right'] },
  { task_id: 'big', kind: 'function', upstream_task_ids: ['join'], pool_slots: 2 },
  { task_id: 'elsewhere', kind: 'function', upstream_task_ids: ['big'], pool: 'other' },
  { task_id: 'never', kind: 'function', upstream_task_ids: ['elsewhere'], trigger_rule: 'all_failed' },
  { task_id: 'remote', kind: 'function', upstream_task_ids: ['never'], queue: 'gpu' },
  { task_id: 'end', kind: 'function', upstream_task_ids: ['remote'] },
];
const { tasks } = parseDefinition({ dag_id: 'd', tasks: TASKS });
const graph = { tasks: new Map(tasks.map((task) => [task.task_id, task])), downstream: downstreamOf(tasks) };
const idOf = (taskId: string): number => tasks.findIndex((task) => task.task_id === taskId);

function ended(taskId: string, state: TaskInstanceState = 'success', dagRunId = 1): EndedTask {
  return { dagRunId, dagId: 'd', state, task: graph.tasks.get(taskId)!, graph };
}

/** States of the tasks. Those that are not named have none yet. */
function statesOf(given: Record<string, TaskInstanceState>): TaskStates {
  const state = (taskId: string): TaskInstanceState => given[taskId] ?? null;
  const ids = tasks.map((task) => task.task_id);
  const unfinished = ids.filter((id) => state(id) !== 'success');
  return {
    succeeded: new Set(ids.filter((id) => state(id) === 'success')),
    tasks: new Map(
      unfinished.map((taskId) => [
        taskId,
        { id: idOf(taskId), taskId, state: state(taskId), tryNumber: 0, maxTries: 2, dueInMs: null },
      ]),
    ),
  };
}

function after(
  ends: EndedTask[],
  states: Record<string, TaskInstanceState>,
  input: Partial<FollowOnInput> = {},
): { moves: string[]; left: number[] } {
  const usage = {
    pools: new Map([
      ['default_pool', { slots: 10, occupied: 3 }],
      ['other', { slots: 10, occupied: 0 }],
    ]),
    activeTasks: new Map([['d', 3]]),
  };
  const { moves, left } = decideFollowOn({
    ended: ends,
    heldRuns: new Map([[1, 16]]),
    heldPools: new Set(['default_pool', 'other']),
    contended: new Set(),
    states: new Map([[1, statesOf(states)]]),
    usage,
    openQueues: new Set(['default']),
    ...input,
  });
  return { moves: moves.map(({ taskId, toState }) => `${taskId} ${toState}`), left: [...left] };
}

const JOINED = { first: 'success', left: 'success', right: 'success' } as const;
const BIG = { ...JOINED, join: 'success' } as const;

describe('what follows a task', () => {
  it('starts in the slot of the task that ended, without the scheduler', () => {
    expect(after([ended('right')], JOINED)).toEqual({ moves: ['join running'], left: [] });
  });

  it('waits for the other upstreams without the scheduler', () => {
    expect(after([ended('right')], { first: 'success', left: 'running', right: 'success' })).toEqual({
      moves: [],
      left: [],
    });
  });

  it('gets no more slots than became free, by priority, and the rest is left to the scheduler', () => {
    expect(after([ended('first')], { first: 'success' })).toEqual({ moves: ['right running'], left: [1] });
  });

  it('is found once if two upstreams end together', () => {
    expect(after([ended('left'), ended('right')], JOINED)).toEqual({ moves: ['join running'], left: [] });
  });

  it.each([
    ['needs more slots than became free', ended('join'), BIG, {}],
    ['is in another pool', ended('big'), { ...BIG, big: 'success' }, {}],
    ['is skipped by its rule', ended('elsewhere'), { ...BIG, big: 'success', elsewhere: 'success' }, {}],
    ['may be the end of the run', ended('end'), { end: 'success' }, {}],
    ['follows a failure', ended('right', 'failed'), { ...JOINED, right: 'failed' }, {}],
    ['follows a poke', ended('right', 'up_for_reschedule'), { ...JOINED, right: 'up_for_reschedule' }, {}],
    ['is in a run that another process has locked', ended('right'), JOINED, { heldRuns: new Map() }],
    ['is in a pool that a pass has locked', ended('right'), JOINED, { heldPools: new Set(['other']) }],
    [
      'would go before others that wait for the pool',
      ended('right'),
      JOINED,
      { contended: new Set(['pool:default_pool']) },
    ],
    ['would go before others of its DAG', ended('right'), JOINED, { contended: new Set(['dag:d']) }],
    ['is beyond the limit of its DAG, which was lowered', ended('right'), JOINED, { heldRuns: new Map([[1, 3]]) }],
    [
      'is beyond the slots of its pool, which were lowered',
      ended('right'),
      JOINED,
      { usage: { pools: new Map([['default_pool', { slots: 3, occupied: 3 }]]), activeTasks: new Map() } },
    ],
  ] as [string, EndedTask, Record<string, TaskInstanceState>, Partial<FollowOnInput>][])(
    'is left to the scheduler when it %s',
    (_, end, states, input) => {
      expect(after([end], states, input)).toEqual({ moves: [], left: [1] });
    },
  );

  it.each([
    ['that this worker does not serve', 'never', { ...BIG, big: 'success', elsewhere: 'failed', never: 'success' }],
    ['in which others wait for a worker', 'right', JOINED],
  ] as [string, string, Record<string, TaskInstanceState>][])('goes to the queue %s', (_, taskId, states) => {
    const openQueues = new Set(taskId === 'right' ? [] : ['default']);
    expect(after([ended(taskId)], states, { openQueues }).moves).toEqual([
      taskId === 'right' ? 'join queued' : 'remote queued',
    ]);
  });

  it('is not started if its state has changed', () => {
    expect(after([ended('right')], { ...JOINED, join: 'running' })).toEqual({ moves: [], left: [] });
  });
});

describe('the tasks whose states are needed', () => {
  it('are the downstreams and all of their upstreams', () => {
    expect(tasksToRead(ended('left'))).toEqual(['join', 'left', 'right']);
  });

  it.each([
    ['fans out', 'source'],
    ['fans in', 'step_0'],
  ])('are none if the graph %s widely', (_, taskId) => {
    const steps = Array.from({ length: 9 }, (__, at) => `step_${at}`);
    const wide = parseDefinition({
      dag_id: 'w',
      tasks: [
        { task_id: 'source', kind: 'function' },
        ...steps.map((id): TaskInput => ({ task_id: id, kind: 'function', upstream_task_ids: ['source'] })),
        { task_id: 'sink', kind: 'function', upstream_task_ids: steps },
      ],
    }).tasks;
    const wideGraph = { tasks: new Map(wide.map((task) => [task.task_id, task])), downstream: downstreamOf(wide) };
    const task = wideGraph.tasks.get(taskId)!;
    expect(tasksToRead({ dagRunId: 1, dagId: 'w', state: 'success', task, graph: wideGraph })).toEqual([]);
  });
});
