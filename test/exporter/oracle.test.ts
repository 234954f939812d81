import path from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../platform/postgres/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { countedTotals, oracleTotals } from './oracle.ts';
import { Simulation, TASKS, type PlannedRun } from './simulation.ts';
import { createExporter, type TestExporter } from './world.ts';

/** RUNBEAT_ORACLE_TASKS=1000000 is the full size. */
const TASK_INSTANCES = Number(process.env.RUNBEAT_ORACLE_TASKS ?? 24_000);
const SEED = Number(process.env.RUNBEAT_ORACLE_SEED ?? 7);
const RUNS = Math.ceil(TASK_INSTANCES / TASKS.length);
const BATCH = Math.min(400, Math.max(25, Math.ceil(RUNS / 80)));

interface Batch {
  ids: number[];
  runs: PlannedRun[];
  level: number;
}

let source: TestDatabase;
let index: TestDatabase;
let exporter: TestExporter;

beforeAll(async () => {
  [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await migrate({ databaseUrl: source.url, folder: path.resolve('scheduler/migrations'), schema: 'runbeat' });
  exporter = await start();
});
afterAll(async () => {
  await exporter.close();
  await Promise.all([source.drop(), index.drop()]);
});

const start = (): Promise<TestExporter> =>
  createExporter({ sourceUrl: source.url, indexUrl: index.url, keys: 'user_id=conf.user_id' });

/** Ends the exporter's connections to a database, as a crash of that server would. */
async function cutOff(database: TestDatabase): Promise<void> {
  await database.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like 'runbeat exporter%'`);
}

describe('the counters', () => {
  it(
    'equal plain SQL over the whole database, to the unit and the microsecond, through faults, restarts, late commits, clears and cleaning',
    async () => {
      const simulation = new Simulation(source.pool, SEED);
      const { random } = simulation;
      await simulation.prepare();

      const history = simulation.plan(BATCH);
      await simulation.insert(source.pool, history, 4);
      const underWay = simulation.plan(BATCH);
      const active: Batch[] = [{ ids: await simulation.insert(source.pool, underWay, 1), runs: underWay, level: 1 }];
      await simulation.declareHistory();
      await exporter.observer.poll();
      expect(exporter.observer.isUp).toBe(true);

      const late: { client: pg.PoolClient; batch: Batch; due: number }[] = [];
      let ended: (Batch & { polled: boolean })[] = [];
      let made = 2 * BATCH;
      let failures = 0;
      for (let step = 0; made < RUNS || active.length + late.length > 0; step++) {
        if (made < RUNS) {
          const runs = simulation.plan(BATCH);
          made += BATCH;
          const luck = random();
          if (luck < 0.25) {
            const client = await source.pool.connect();
            await client.query('begin');
            const level = random() < 0.5 ? 4 : 2;
            late.push({
              client,
              batch: { ids: await simulation.insert(client, runs, level), runs, level },
              due: step + 1 + Math.floor(random() * 4),
            });
          } else {
            const level = luck < 0.6 ? 4 : Math.floor(random() * 4);
            const batch = { ids: await simulation.insert(source.pool, runs, level), runs, level };
            if (level === 4) ended.push({ ...batch, polled: false });
            else active.push(batch);
          }
        }
        for (const entry of late.filter((one) => one.due <= step || made >= RUNS)) {
          await entry.client.query('commit');
          entry.client.release();
          late.splice(late.indexOf(entry), 1);
          if (entry.batch.level === 4) ended.push({ ...entry.batch, polled: false });
          else active.push(entry.batch);
        }
        for (const batch of active.filter(() => random() < 0.6)) {
          const to = Math.min(4, batch.level + 1 + Math.floor(random() * 2));
          await simulation.advance(source.pool, batch.ids, batch.runs, batch.level, to);
          batch.level = to;
          if (to < 4) continue;
          active.splice(active.indexOf(batch), 1);
          ended.push({ ...batch, polled: false });
        }
        const seen = ended.filter((batch) => batch.polled);
        if (seen.length > 3) {
          const batch = seen[Math.floor(random() * seen.length)]!;
          ended = ended.filter((other) => other !== batch);
          if (random() < 0.5) await simulation.clean(batch.ids);
          else active.push({ ids: batch.ids, runs: await simulation.clear(batch.ids, batch.runs), level: 2 });
        }

        const fault = random();
        if (fault < 0.1) await cutOff(source);
        if (fault > 0.93) {
          await exporter.close();
          exporter = await start();
        }
        const poll = exporter.observer.poll();
        // In the middle of a poll: the connection is cut at whatever point it has come to.
        if (fault > 0.1 && fault < 0.2) await cutOff(index);
        else if (fault > 0.2 && fault < 0.3) await cutOff(source);
        const more = await poll;
        if (!exporter.observer.isUp) failures += 1;
        else if (!more) for (const batch of ended) batch.polled = true;
        await exporter.observer.pollHistory();
      }

      await exporter.settle();
      expect(await exporter.observer.poll()).toBe(false);
      expect(await countedTotals(exporter.indexPool)).toEqual(await oracleTotals(source.pool));
      expect(failures).toBeGreaterThan(0);

      const { rows } = await exporter.indexPool.query(
        'select count(*)::int as runs, count(distinct value)::int as users from run_key',
      );
      expect(rows).toEqual([{ runs: made, users: made }]);
    },
    TASK_INSTANCES * 2 + 120_000,
  );
});
