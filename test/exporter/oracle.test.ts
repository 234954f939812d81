import path from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../platform/postgres/migrate.ts';
import { loadFixture } from '../airflow/lab/fixture.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { countedTotals, oracleTotals } from './oracle.ts';
import { SimulatedAirflow } from './simulatedAirflow.ts';
import type { SimulatedRows } from './simulatedRows.ts';
import { SimulatedRunbeat } from './simulatedRunbeat.ts';
import { instancesOf, PLAIN, Simulation, VARIED, type Shape } from './simulation.ts';
import { Story } from './story.ts';
import { createExporter, type TestExporter } from './world.ts';

/** Task instances of each scheduler; RUNBEAT_ORACLE_TASKS=1000000 is the full size. */
const TASK_INSTANCES = Number(process.env.RUNBEAT_ORACLE_TASKS ?? 12_000);
const SEED = Number(process.env.RUNBEAT_ORACLE_SEED ?? 7);

interface Scheduler {
  name: string;
  shape: Shape;
  createSchema(databaseUrl: string): Promise<unknown>;
  rows(pool: pg.Pool, shape: Shape): SimulatedRows;
}

const SCHEDULERS: Scheduler[] = [
  {
    name: 'the bundled scheduler',
    shape: PLAIN,
    createSchema: (databaseUrl) =>
      migrate({ databaseUrl, folder: path.resolve('scheduler/migrations'), schema: 'runbeat' }),
    rows: (pool, shape) => new SimulatedRunbeat(pool, shape),
  },
  {
    name: 'Airflow 3.3',
    shape: VARIED,
    createSchema: (databaseUrl) => loadFixture(databaseUrl, 'schema-3.3.0'),
    rows: (pool, shape) => new SimulatedAirflow(pool, shape),
  },
];

describe.each(SCHEDULERS)('the counters of $name', ({ shape, createSchema, rows }) => {
  const runs = Math.ceil(TASK_INSTANCES / instancesOf(shape));
  const batch = Math.min(400, Math.max(25, Math.ceil(runs / 80)));
  let source: TestDatabase;
  let index: TestDatabase;
  let exporter: TestExporter;

  beforeAll(async () => {
    [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await createSchema(source.url);
    exporter = await start();
  });
  afterAll(async () => {
    await exporter.close();
    await Promise.all([source.drop(), index.drop()]);
  });

  const start = (): Promise<TestExporter> =>
    createExporter({ sourceUrl: source.url, indexUrl: index.url, keys: 'user_id=conf.user_id' });

  /** Terminates the exporter's connections to a database, as a crash of that server would. */
  async function cutOff(database: TestDatabase): Promise<void> {
    await database.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name like 'runbeat exporter%'`);
  }

  /** Polls once, with a fault before or during the poll. Returns whether everything present has been read. */
  async function pollThroughFaults(luck: number): Promise<boolean> {
    if (luck < 0.1) await cutOff(source);
    if (luck > 0.93) {
      await exporter.close();
      exporter = await start();
    }
    const poll = exporter.observer.poll();
    // The connection is cut wherever the poll is at that moment.
    if (luck > 0.1 && luck < 0.2) await cutOff(index);
    else if (luck > 0.2 && luck < 0.3) await cutOff(source);
    const more = await poll;
    const complete = exporter.observer.isUp && exporter.observer.leads && !more;
    await exporter.observer.pollHistory();
    return complete;
  }

  it(
    'equal plain SQL over the whole database exactly, despite faults, restarts, late commits, clears and deletions',
    async () => {
      const story = new Story(source.pool, new Simulation(shape, SEED), rows(source.pool, shape), batch);
      await story.begin();
      await exporter.observer.poll();
      expect(exporter.observer.isUp).toBe(true);
      let failures = 0;
      while (story.made < runs || story.unfinished > 0) {
        await story.step(story.made < runs);
        if (await pollThroughFaults(story.random())) story.allSeen();
        if (exporter.observer.status().problem !== null) failures += 1;
      }

      // The last fault may have cut off a connection that only the next poll finds broken.
      await exporter.observer.poll();
      await exporter.settle();
      // The sweep finds a batch that was cleared and ended again while a fault prevented polls.
      const rounds = exporter.observer.sweepRounds + 2;
      while (exporter.observer.sweepRounds < rounds) await exporter.observer.poll();
      expect(await exporter.observer.poll()).toBe(false);
      expect(await countedTotals(exporter.indexPool)).toEqual(await oracleTotals(source.pool));
      expect(failures).toBeGreaterThan(0);

      const keys = await exporter.indexPool.query(
        'select count(*)::int as runs, count(distinct value)::int as users from run_key',
      );
      expect(keys.rows).toEqual([{ runs: story.made, users: story.made }]);
    },
    TASK_INSTANCES * 2 + 120_000,
  );
});
