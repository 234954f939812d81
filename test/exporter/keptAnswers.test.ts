import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Json } from '../../exporter/api/answersUnderWay.ts';
import { keptAnswer } from '../../exporter/api/keptAnswers.ts';
import { runAnswer, runDetail } from '../../exporter/api/runDetail.ts';
import { SourceReader } from '../../exporter/sources/reader.ts';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';
import type { TestExporter } from './world.ts';

/** Answers for runs with at least this many task instances are cached. */
const LARGE = 500;
const NAME = { source: 'db', dag_id: 'flow', run_id: 'large' };

let world: RunbeatWorld;
let exporter: TestExporter;
beforeEach(async () => {
  world = await openRunbeatWorld();
  await world.addRun('large');
  await world.addRun('small');
  await world.source.pool.query(
    `insert into runbeat.task_instance
            (dag_run_id, dag_id, run_id, task_id, map_index, state, try_number, operator, start_date, end_date)
     select r.id, r.dag_id, r.run_id, 'many', n, 'success', 1, 'function', r.start_date, r.end_date
       from runbeat.dag_run r, generate_series(1, $1) n where r.run_id = 'large'`,
    [LARGE],
  );
  exporter = await world.start();
  await exporter.settle();
});
afterEach(() => world.close());

/** A change of the source's rows. */
const change = (sql: string) => async (): Promise<void> => void (await world.source.pool.query(sql));

type Answer = { run: { now: string } };

async function answer(name = NAME): Promise<Answer> {
  const given = await runAnswer(exporter.context, name);
  return JSON.parse(given instanceof Json ? Buffer.concat(given.pieces).toString() : JSON.stringify(given)) as Answer;
}

/** A fresh answer. Its clock matches any time. */
async function freshAnswer(): Promise<unknown> {
  const detail = JSON.parse(JSON.stringify(await runDetail(exporter.context, NAME))) as Answer;
  return { ...detail, run: { ...detail.run, now: expect.any(String) as string } };
}

function isKept(name = NAME): Promise<boolean> {
  return exporter.observer.read(async (reader) => {
    const run = (await reader.runByName(name.dag_id, name.run_id))!;
    return (await keptAnswer(exporter.observer, reader, run)).answer !== null;
  });
}

describe('the answer for a large run that has ended', () => {
  it('is cached, equals a fresh answer, and gives the current time', async () => {
    const first = await answer();
    expect(await isKept()).toBe(true);
    const second = await answer();
    expect(second).toEqual(await freshAnswer());
    expect(second.run.now > first.run.now).toBe(true);
  });

  it.each([
    ['a task instance', change("update runbeat.task_instance set hostname = 'moved' where map_index = 7")],
    ['the run', change("update runbeat.dag_run set conf = '{\"k\": 2}' where run_id = 'large'")],
    [
      'an earlier attempt',
      change(
        `insert into runbeat.task_instance_history
                (task_instance_id, dag_run_id, dag_id, run_id, task_id, map_index, try_number, state, operator, pool, queue)
         select id, dag_run_id, dag_id, run_id, task_id, map_index, 0, 'failed', operator, pool, queue
           from runbeat.task_instance where map_index = 7`,
      ),
    ],
    [
      'usual durations',
      async () => {
        await world.addRun('next');
        await exporter.settle();
      },
    ],
  ])('is created again after a change of %s', async (_, changeIt) => {
    await answer();
    await changeIt();
    expect(await isKept()).toBe(false);
    expect(await answer()).toEqual(await freshAnswer());
    expect(await isKept()).toBe(true);
  });

  it('is created again after a change during its creation', async () => {
    const read = SourceReader.prototype.stampOf;
    const stampOf = vi.spyOn(SourceReader.prototype, 'stampOf').mockImplementationOnce(async function (
      this: SourceReader,
      run,
    ) {
      await change("update runbeat.task_instance set hostname = 'moved' where map_index = 7")();
      return read.call(this, run);
    });
    await answer();
    expect(stampOf).toHaveBeenCalledOnce();
    expect(await isKept()).toBe(false);
    expect(await answer()).toEqual(await freshAnswer());
  });

  it.each([
    [
      'that is active',
      change("update runbeat.dag_run set state = 'running', end_date = null where run_id = 'large'"),
      NAME,
    ],
    ['with few task instances', async () => undefined, { ...NAME, run_id: 'small' }],
  ])('is not cached for a run %s', async (_, changeIt, name) => {
    await changeIt();
    await answer(name);
    expect(await isKept(name)).toBe(false);
  });
});
