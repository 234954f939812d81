import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endAttempts, takeAttempts, type StartedAttempt } from '../../scheduler/store/attempts.ts';
import { connectClient } from '../../scheduler/store/database.ts';
import { openLab, type Lab } from './lab.ts';

let lab: Lab;
const clients: pg.Client[] = [];

beforeAll(async () => {
  lab = await openLab();
  for (const name of ['one', 'two']) clients.push(await connectClient(lab.config.databaseUrl, name));
  await lab.pool.query(`
    insert into runbeat.dag (dag_id, fileloc) values ('d', 'd.yaml');
    insert into runbeat.dag_bundle (bundle_hash, code) values ('b', '');
    insert into runbeat.dag_version (dag_id, version_number, dag_hash, bundle_hash, data) values ('d', 1, 'h', 'b', '{"tasks": []}');
    insert into runbeat.dag_run (dag_id, run_id, run_type, state, start_date, dag_version_id)
    select 'd', 'r', 'manual', 'running', now(), id from runbeat.dag_version`);
});
afterAll(async () => {
  for (const client of clients) await client.end();
  await lab.close();
});
beforeEach(() => lab.pool.query('delete from runbeat.task_instance'));

/** Queued task instances `t1`, `t2`, …, in this order of age. */
async function queue(tasks: { priority?: number; queue?: string }[]): Promise<void> {
  await lab.pool.query(
    `insert into runbeat.task_instance (dag_run_id, dag_id, run_id, task_id, operator, state, try_number, priority_weight, queue, queued_dttm)
     select r.id, 'd', 'r', 't' || n.at, 'function', 'queued', 1, n.priority, n.queue, now() + n.at * interval '1 ms'
       from runbeat.dag_run r, unnest($1::int[], $2::text[]) with ordinality as n(priority, queue, at)`,
    [tasks.map((task) => task.priority ?? 1), tasks.map((task) => task.queue ?? 'default')],
  );
}

const holder = (workerJobId: number): { workerJobId: number; hostname: string } => ({ workerJobId, hostname: 'h' });
const ids = (attempts: StartedAttempt[]): string[] => attempts.map((attempt) => attempt.task_id).sort();

describe('the queue', () => {
  it('returns tasks by priority, then age, and only from the queues that are served', async () => {
    await queue([{}, { priority: 5 }, { queue: 'other', priority: 9 }, {}, { queue: 'more' }]);
    const queues = ['default', 'more'];
    expect(ids(await takeAttempts(clients[0]!, holder(1), queues, 2))).toEqual(['t1', 't2']);
    expect(ids(await takeAttempts(clients[0]!, holder(1), queues, 9))).toEqual(['t4', 't5']);
    expect(await takeAttempts(clients[0]!, holder(1), queues, 9)).toEqual([]);
  });

  it('gives a second worker the next attempts before the first one has committed', async () => {
    await queue([{}, {}, {}]);
    await clients[0]!.query('begin');
    const first = await takeAttempts(clients[0]!, holder(1), ['default'], 2);
    const second = await takeAttempts(clients[1]!, holder(2), ['default'], 2);
    await clients[0]!.query('commit');
    expect([ids(first), ids(second)]).toEqual([['t1', 't2'], ['t3']]);
  });

  it("refuses an end that a worker repeats after the sensor's next poke has started on the same worker", async () => {
    await queue([{}]);
    const [poke] = await takeAttempts(clients[0]!, holder(1), ['default'], 1);
    const end = {
      id: poke!.id,
      tryNumber: 1,
      reschedules: poke!.reschedules,
      workerJobId: 1,
      state: 'up_for_reschedule' as const,
      delaySeconds: 0,
      startDelayMs: 0,
      lane: 'default',
    };
    expect(await endAttempts(lab.pool, [end])).toEqual([end.id]);
    await lab.pool.query("update runbeat.task_instance set state = 'queued', queued_dttm = now()");
    const [next] = await takeAttempts(clients[0]!, holder(1), ['default'], 1);
    expect(next).toMatchObject({ id: end.id, try_number: 1, reschedules: 1 });
    expect(await endAttempts(lab.pool, [end])).toEqual([]);
    expect(await endAttempts(lab.pool, [{ ...end, reschedules: 1, state: 'success' }])).toEqual([end.id]);
  });

  it('corrects the start of an attempt that waited for its thread in the same write as its end', async () => {
    await queue([{}, {}]);
    await takeAttempts(clients[0]!, holder(1), ['default'], 2);
    await lab.pool.query("update runbeat.task_instance set start_date = start_date - interval '1 minute'");
    const stamps = await startsOf();
    const ends = stamps.map(({ id }, at) => ({
      id,
      tryNumber: 1,
      reschedules: 0,
      workerJobId: 1,
      state: 'success' as const,
      delaySeconds: null,
      startDelayMs: [1_500, 0][at]!,
      lane: 'default',
    }));
    await endAttempts(lab.pool, ends);
    const moved = (await startsOf()).map(({ start }, at) => start.getTime() - stamps[at]!.start.getTime());
    expect(moved).toEqual([1_500, 0]);
  });
});

async function startsOf(): Promise<{ id: number; start: Date }[]> {
  const text = 'select id, start_date as start from runbeat.task_instance order by id';
  return (await lab.pool.query<{ id: number; start: Date }>(text)).rows;
}
