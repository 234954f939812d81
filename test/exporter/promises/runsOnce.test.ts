import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRunbeatWorld, type RunbeatWorld } from '../runbeatWorld.ts';
import type { TestExporter } from '../world.ts';

const QUICK = { name: 'quick', dags: 'flow', ends_within: '10s', share: '95%' };

let world: RunbeatWorld;
let exporter: TestExporter;

beforeEach(async () => {
  world = await openRunbeatWorld();
});
afterEach(() => world.close());

const start = async (given: unknown[]): Promise<void> => {
  exporter = await world.start({ promises: given });
  await exporter.settle();
};
const counts = (promise: string): Promise<(number | null)[]> =>
  Promise.all(
    ['kept', 'broken'].map((verdict) =>
      exporter.value(`runbeat_promise_runs_total{source="db",dag_id="flow",promise="${promise}",verdict="${verdict}"}`),
    ),
  );

it('the index keeps nothing about a run that broke a promise and was deleted', async () => {
  await start([QUICK]);
  await world.addRun('lasting', { state: 'running', ago: 30 });
  await exporter.settle();
  const marks = async (): Promise<number> => (await exporter.indexPool.query('select from promise_mark')).rowCount!;
  expect([await counts('quick'), await marks()]).toEqual([[0, 1], 1]);
  await world.source.pool.query(`delete from runbeat.task_instance; delete from runbeat.dag_run`);
  await exporter.settle();
  expect([await counts('quick'), await marks()]).toEqual([[0, 1], 0]);
});

it('two promises for one DAG are each counted for a run that starts and ends between two polls', async () => {
  const soon = { name: 'soon', dags: 'flow', starts_within: '10s', share: '95%' };
  await start([soon, { ...soon, name: 'later', starts_within: '1m' }, QUICK]);
  await world.addRun('short');
  await exporter.settle();
  expect(await Promise.all(['soon', 'later', 'quick'].map(counts))).toEqual([
    [1, 0],
    [1, 0],
    [1, 0],
  ]);
});
