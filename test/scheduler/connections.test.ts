import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openIndex } from '../../exporter/index/database.ts';
import { createLogger } from '../../platform/log.ts';
import { isTransient } from '../../platform/postgres/faults.ts';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { rerunTasks } from '../../scheduler/control.ts';
import { startScheduler, startWorker } from '../../scheduler/main.ts';
import { createPool } from '../../scheduler/store/database.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { Proxy } from '../postgres/proxy.ts';
import { openLab, type Lab } from './lab.ts';

let lab: Lab;
let proxy: Proxy;
beforeEach(async () => {
  lab = await openLab();
  proxy = await Proxy.open(lab.config.databaseUrl);
});
afterEach(async () => {
  await proxy.close();
  await lab.close();
});

// An error without a listener would fail this file, as it would end a process.
describe('a connection that is cut right after its login', () => {
  it.each([
    ['a migration', () => migrateScheduler(proxy.url)],
    ["the exporter's index", () => openIndex(proxy.url)],
  ])('makes %s fail with an error that is marked as transient', async (_, open) => {
    proxy.logins = 1;
    const error = await open().then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(proxy.logins).toBe(0);
    expect(isTransient((error as Error).cause ?? error)).toBe(true);
  });

  it('is opened again by a scheduler and a worker, which then do their work', async () => {
    lab.write(
      'one.ts',
      "import { dag } from 'runbeat'; export default dag('one', {}, (b) => { b.task('t', {}, () => undefined); });",
    );
    proxy.logins = 12;
    const config = loadSchedulerConfig({ RUNBEAT_DATABASE_URL: proxy.url, RUNBEAT_DAGS: lab.folder });
    const logger = createLogger('test', 'silent');
    const services = await Promise.all([startScheduler(config, logger), startWorker(config, logger)]);
    expect((await lab.finished('one', await lab.trigger('one'))).state).toBe('success');
    expect(proxy.logins).toBe(0);
    for (const service of services) await service.stop();
  });
});

describe('retries at the same time', () => {
  it('need one connection each: a pool with one connection serves them one after the other', async () => {
    const pool = createPool(lab.config.databaseUrl, 'test', 1);
    const retries = [1, 2].map(() => rerunTasks(pool, 'none', 'none', { taskId: null, downstream: false }));
    for (const result of await Promise.allSettled(retries)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('none') } });
    }
    await pool.end();
  });
});
