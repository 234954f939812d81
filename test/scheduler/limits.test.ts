import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab, type Lab } from './lab.ts';

/** The largest number of these tasks that ran at the same time, by their own timestamps. */
const PEAK = `
  select max(together)::int as peak from (
    select count(*) over (order by at, step) * 0 + sum(step) over (order by at, step) as together from (
      select start_date as at, 1 as step from runbeat.task_instance where dag_id = $1
      union all select end_date, -1 from runbeat.task_instance where dag_id = $1) as steps) as counted`;

const NAP = `() => new Promise((resolve) => setTimeout(resolve, 30))`;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  await lab.pool.query("insert into runbeat.slot_pool (pool, slots) values ('narrow', 2)");
  lab.write(
    'limits.ts',
    `import { dag } from 'runbeat';
     const wide = (id, options, task = {}) => dag(id, options, (b) => {
       for (let at = 0; at < 6; at++) b.task('t' + at, task, ${NAP});
     });
     export const pooled = wide('pooled', {}, { pool: 'narrow' });
     export const heavy = wide('heavy', {}, { pool: 'narrow', poolSlots: 2 });
     export const tasks = wide('tasks', { maxActiveTasks: 3 });
     export const runs = dag('runs', { maxActiveRuns: 2 }, (b) => { b.task('t', {}, ${NAP}); });
     export const ranked = dag('ranked', { maxActiveTasks: 1 }, (b) => {
       for (const priority of [1, 3, 2]) b.task('p' + priority, { priority }, ${NAP});
     });
     export const everySecond = dag('every_second', { schedule: { everySeconds: 1 } }, (b) => { b.task('t', {}, () => undefined); });
     export const caughtUp = dag('caught_up',
       { schedule: { everySeconds: 60 }, catchup: true, startDate: '${new Date(Date.now() - 330_000).toISOString()}', maxActiveRuns: 3 },
       (b) => { b.task('t', {}, () => undefined); });
     export const always = dag('always', { schedule: '@continuous' }, (b) => { b.task('t', {}, ${NAP}); });`,
  );
  await lab.scheduler();
  await lab.scheduler();
  await lab.worker({ concurrency: 16 });
});
afterAll(() => lab.close());

describe.each([
  ['pooled', 3, 2],
  ['heavy', 1, 1],
  ['tasks', 3, 3],
])('two schedulers together limit %s', (dagId, runs, most) => {
  it(`to ${most} tasks at once, and every task runs`, async () => {
    const runIds = await Promise.all(Array.from({ length: runs }, () => lab.trigger(dagId)));
    for (const runId of runIds) expect((await lab.finished(dagId, runId)).state).toBe('success');
    expect((await lab.pool.query(PEAK, [dagId])).rows).toEqual([{ peak: most }]);
  });
});

describe('a scheduler', () => {
  it('runs no more runs of a DAG at once than it allows, the oldest first', async () => {
    const runIds = [];
    for (let at = 0; at < 6; at++) runIds.push(await lab.trigger('runs'));
    for (const runId of runIds) await lab.finished('runs', runId);
    const { rows } = await lab.pool.query(
      `select max((select count(*) from runbeat.dag_run o where o.dag_id = r.dag_id and o.start_date <= r.start_date
                      and o.end_date > r.start_date))::int as peak,
              array_agg(run_id order by start_date, id) as started from runbeat.dag_run r where dag_id = 'runs'`,
    );
    expect(rows).toEqual([{ peak: 2, started: runIds }]);
  });

  it('gives a free slot to the higher priority', async () => {
    const run = await lab.finished('ranked', await lab.trigger('ranked'));
    const order = [...run.tasks].sort((a, b) => a.start_date!.getTime() - b.start_date!.getTime());
    expect(order.map((task) => task.task_id)).toEqual(['p3', 'p2', 'p1']);
  });

  it('creates each run of a schedule of one second once', async () => {
    await lab.eventually("select 1 from runbeat.dag_run where dag_id = 'every_second' having count(*) >= 3");
    const { rows } = await lab.pool.query<{ gap: number }>(
      `select extract(epoch from logical_date - lag(logical_date) over (order by logical_date))::float8 as gap
         from runbeat.dag_run where dag_id = 'every_second' order by logical_date offset 1`,
    );
    expect(rows.every(({ gap }) => Math.abs(gap - 1) < 1e-6)).toBe(true);
  });

  it('catches up on missed runs, in order', async () => {
    await lab.eventually(
      "select 1 from runbeat.dag_run where dag_id = 'caught_up' and state = 'success' having count(*) >= 5",
    );
    const { rows } = await lab.pool.query(
      "select array_agg(logical_date order by id) = array_agg(logical_date order by logical_date) as ordered from runbeat.dag_run where dag_id = 'caught_up'",
    );
    expect(rows).toEqual([{ ordered: true }]);
  });

  it('starts a continuous DAG again when its run has ended, never two runs at once', async () => {
    await lab.eventually(
      "select 1 from runbeat.dag_run where dag_id = 'always' and state = 'success' having count(*) >= 3",
    );
    const { rows } = await lab.pool.query(
      `select count(*)::int as overlaps from runbeat.dag_run a join runbeat.dag_run b on a.dag_id = b.dag_id and a.id < b.id
        where a.dag_id = 'always' and (a.end_date is null or b.start_date < a.end_date)`,
    );
    expect(rows).toEqual([{ overlaps: 0 }]);
  });
});
