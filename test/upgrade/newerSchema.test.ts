import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readExporterConfig } from '../../exporter/config.ts';
import { openIndex } from '../../exporter/index/database.ts';
import { startExporter } from '../../exporter/main.ts';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { startScheduler, startWorker } from '../../scheduler/main.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { addRun, addScheduler, prepareRunbeat } from '../exporter/runbeatRows.ts';
import { createExporter, silent } from '../exporter/world.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

/** A migration that no version of Runbeat has, recorded as a later one would. */
const LATER = '0999_later';
const REFUSAL = /schema runbeat(_index)? is newer than this version of Runbeat .*0999_later/;

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

function migratedLater(schema: string): Promise<unknown> {
  return database.pool.query(`insert into ${schema}.migration (name, run_on) values ('${LATER}', now())`);
}

describe('a schema that a newer version has migrated', () => {
  it('is refused by scheduler and worker, which change nothing', async () => {
    await migrateScheduler(database.url);
    await migratedLater('runbeat');
    const config = loadSchedulerConfig({ RUNBEAT_DATABASE_URL: database.url });
    await expect(startScheduler(config, silent)).rejects.toThrow(REFUSAL);
    await expect(startWorker(config, silent)).rejects.toThrow(REFUSAL);
    expect((await database.pool.query('select from runbeat.job')).rowCount).toBe(0);
  });

  it('is named by `runbeat migrate` with the remedy, and exit status 1', async () => {
    await migrateScheduler(database.url);
    await migratedLater('runbeat');
    const done = spawnSync(process.execPath, [path.resolve('bin/runbeat.mjs'), 'migrate'], {
      env: { PATH: process.env.PATH, RUNBEAT_DATABASE_URL: database.url },
      encoding: 'utf8',
    });
    expect([done.status, done.stderr]).toEqual([1, expect.stringMatching(REFUSAL)]);
    expect(done.stderr).toContain('Start the version that migrated it, or a newer one.');
  });

  it("is refused by the exporter if it is the index's", async () => {
    const index = await createTestDatabase();
    await (await openIndex(index.url)).end();
    await index.pool.query(`insert into runbeat_index.migration (name, run_on) values ('${LATER}', now())`);
    await prepareRunbeat(database.url, database.pool);
    const settings = { RUNBEAT_SOURCE_URL: database.url, RUNBEAT_INDEX_URL: index.url, RUNBEAT_LISTEN: '127.0.0.1:0' };
    await expect(startExporter(readExporterConfig(settings), silent)).rejects.toThrow(REFUSAL);
    await index.drop();
  });

  it("is observed by the exporter if it is a scheduler's", async () => {
    const index = await createTestDatabase();
    await prepareRunbeat(database.url, database.pool);
    await addScheduler(database.pool, 'alpha');
    await addRun(database.pool, 'one', { ago: 5 });
    await migratedLater('runbeat');
    await database.pool.query('alter table runbeat.task_instance add column added_later text');
    const exporter = await createExporter({ sourceUrl: database.url, indexUrl: index.url });
    await exporter.settle();
    expect(exporter.observer.isUp).toBe(true);
    await exporter.close();
    await index.drop();
  });
});
