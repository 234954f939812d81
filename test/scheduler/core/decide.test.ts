import { describe, expect, it } from 'vitest';
import type { TaskInstanceState } from '../../../shared/states.ts';
import { decide } from '../../../scheduler/core/decide.ts';
import { parseDefinition, type TaskInput } from '../../../scheduler/core/definition.ts';
import type { PassInput, RunState, TaskState } from '../../../scheduler/core/passTypes.ts';

const TASKS: TaskInput[] = [
  { task_id: 'first', kind: 'function', retries: 1, retry_delay_seconds: 7 },
  { task_id: 'left', kind: 'function', upstream_task_ids: ['first'], priority_weight: 5 },
  { task_id: 'right', kind: 'function', upstream_task_ids: ['first'] },
  { task_id: 'last', kind: 'function', upstream_task_ids: ['left', 'right'] },
];
const definition = parseDefinition({ dag_id: 'd', tasks: TASKS });

function runIn(states: Record<string, Partial<TaskState> | TaskInstanceState>, run: Partial<RunState> = {}): RunState {
  const tasks = TASKS.map(({ task_id: taskId }, at): [string, TaskState] => {
    const given = states[taskId] ?? null;
    const fields = typeof given === 'object' && given !== null ? given : { state: given };
    return [
      taskId,
      { id: 10 * (run.id ?? 1) + at, taskId, state: null, tryNumber: 0, maxTries: 1, dueInMs: null, ...fields },
    ];
  });
  return {
    id: 1,
    dagId: 'd',
    runId: 'r',
    dagVersionId: 1,
    isPaused: false,
    maxActiveTasks: 16,
    tasks: new Map(tasks.filter(([, ti]) => ti.state !== 'success')),
    succeeded: new Set(tasks.filter(([, ti]) => ti.state === 'success').map(([taskId]) => taskId)),
    stampIsDue: false,
    ...run,
  };
}

function pass(runs: RunState[], input: Partial<PassInput> = {}): ReturnType<typeof decide> {
  const usage = { pools: new Map([['default_pool', { slots: 128, occupied: 0 }]]), activeTasks: new Map() };
  return decide(
    { runs, usage, heldPools: new Set(['default_pool']), abandoned: new Map(), ...input },
    () => definition.tasks,
  );
}

const summary = (moves: ReturnType<typeof decide>['moves']): string[] =>
  moves.map((move) => `${TASKS[move.id % 10]!.task_id}: ${move.fromState} → ${move.toState} #${move.toTry}`);

describe('a scheduling pass', () => {
  it('queues tasks without upstreams, as their first attempt', () => {
    expect(summary(pass([runIn({})]).moves)).toEqual(['first: null → queued #1']);
  });

  it('queues both branches when their upstream has succeeded, the higher priority first', () => {
    const { moves } = pass([runIn({ first: 'success' })]);
    expect(summary(moves)).toEqual(['left: null → queued #1', 'right: null → queued #1']);
  });

  it('ends everything after a failure in the same pass, and the run with it', () => {
    const decision = pass([runIn({ first: 'failed' })]);
    expect(summary(decision.moves)).toEqual([
      'left: null → upstream_failed #0',
      'right: null → upstream_failed #0',
      'last: null → upstream_failed #0',
    ]);
    expect(decision.ends).toEqual([{ id: 1, state: 'failed' }]);
  });

  it('ends a run with success if its last tasks succeeded', () => {
    const states = { first: 'success', left: 'success', right: 'success', last: 'success' } as const;
    expect(pass([runIn(states)]).ends).toEqual([{ id: 1, state: 'success' }]);
  });

  it('starts a new try for a due retry, and records the ended one', () => {
    const [move] = pass([runIn({ first: { state: 'up_for_retry', tryNumber: 1, dueInMs: 0 } })]).moves;
    expect(move).toMatchObject({ fromTry: 1, toTry: 2, toState: 'queued', endedTryState: 'failed' });
    const later = pass([runIn({ first: { state: 'up_for_retry', tryNumber: 1, dueInMs: 5 } })]);
    expect(later).toMatchObject({ moves: [], nextDueMs: 5 });
  });

  it("continues the same attempt at a sensor's next poke", () => {
    const [move] = pass([runIn({ first: { state: 'up_for_reschedule', tryNumber: 1, dueInMs: 0 } })]).moves;
    expect(move).toMatchObject({ toTry: 1, toState: 'queued', endedTryState: null });
  });

  it('treats an attempt whose worker is dead as failed, with the task’s retries', () => {
    const abandoned = new Map([[10, 1]]);
    const first = { state: 'running', tryNumber: 1 } as const;
    expect(pass([runIn({ first })], { abandoned }).moves[0]).toMatchObject({
      toState: 'up_for_retry',
      delaySeconds: 7,
    });
    expect(summary(pass([runIn({ first: { ...first, maxTries: 0 } })], { abandoned }).moves)[0]).toBe(
      'first: running → failed #1',
    );
  });

  it('leaves a newer attempt than the abandoned one unchanged', () => {
    const abandoned = new Map([[10, 1]]);
    expect(pass([runIn({ first: { state: 'running', tryNumber: 2 } })], { abandoned }).moves).toEqual([]);
  });

  it('runs a handed-back attempt again without using up a retry', () => {
    const [move] = pass([runIn({ first: { state: 'restarting', tryNumber: 1, maxTries: 0 } })]).moves;
    expect(move).toMatchObject({ toTry: 2, maxTries: 1, endedTryState: 'restarting' });
  });

  it('fills a pool to its last slot, the older run first, and reports what is held back', () => {
    const usage = { pools: new Map([['default_pool', { slots: 4, occupied: 3 }]]), activeTasks: new Map() };
    const decision = pass([runIn({}, { id: 2 }), runIn({}, { id: 1 })], { usage });
    expect(decision.moves.map((move) => [move.dagRunId, move.toState])).toEqual([
      [1, 'queued'],
      [2, 'scheduled'],
    ]);
    expect(decision.blocked).toEqual([{ dagRunId: 2, by: 'pool:default_pool', priority: 1 }]);
  });

  it('limits the active tasks of a DAG over all of its runs', () => {
    const usage = {
      pools: new Map([['default_pool', { slots: -1, occupied: 99 }]]),
      activeTasks: new Map([['d', 15]]),
    };
    const decision = pass([runIn({ first: 'success' })], { usage });
    expect(summary(decision.moves)).toEqual(['left: null → queued #1', 'right: null → scheduled #0']);
    expect(decision.blocked[0]!.by).toBe('dag:d');
  });

  it('does not fill a pool whose lock it does not hold', () => {
    const decision = pass([runIn({})], { heldPools: new Set() });
    expect(summary(decision.moves)).toEqual(['first: null → scheduled #0']);
    expect([...decision.wantedPools]).toEqual(['default_pool']);
  });

  it('queues no tasks of a paused DAG', () => {
    expect(pass([runIn({}, { isPaused: true })]).moves).toEqual([]);
  });
});
