import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../../platform/log.ts';
import { withClient } from '../../platform/postgres/connect.ts';
import { freePort, startEmbedded, type EmbeddedPostgres } from '../../platform/postgres/embedded.ts';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { startScheduler, startWorker } from '../../scheduler/main.ts';
import { readLogs } from '../../scheduler/store/inspect.ts';
import { openLab, type Lab } from './lab.ts';

/** Prints, and continues once the file that its conf names exists. */
const PRINTS = `import { existsSync } from 'node:fs';
import { dag } from 'runbeat';
export default dag('prints', {}, (b) => {
  b.task('t', {}, async ({ conf, log }) => {
    log('before');
    while (!existsSync(conf.go)) await new Promise((resolve) => setTimeout(resolve, 20));
    log('during the outage');
  });
});`;

let folder: string;
let server: { dataDir: string; port: number; durable: boolean };
let postgres: EmbeddedPostgres | null = null;
let lab: Lab | null = null;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-outage-'));
  chmodSync(folder, 0o755);
  server = { dataDir: path.join(folder, 'data'), port: await freePort(), durable: false };
});
afterEach(async () => {
  await lab?.close();
  await postgres?.stop();
  lab = postgres = null;
  rmSync(folder, { recursive: true, force: true });
});

describe('a database that is down', () => {
  it('makes a scheduler and a worker that start meanwhile wait for it', async () => {
    const before = await startEmbedded(server);
    await before.stop();
    const config = loadSchedulerConfig({
      RUNBEAT_DATABASE_URL: before.url,
      RUNBEAT_DAGS: folder,
    });
    const logger = createLogger('test', 'silent');
    const waits: Promise<void>[] = [];
    const telling = (name: string): typeof logger => {
      let told = (): void => undefined;
      waits.push(new Promise((resolve) => (told = resolve)));
      return Object.assign(logger.child({ name }), { warn: () => told() });
    };
    const services = [startScheduler(config, telling('scheduler')), startWorker(config, telling('worker'))];
    // Each has failed to connect at least once, and has logged it.
    await Promise.all(waits);
    postgres = await startEmbedded(server);
    for (const service of await Promise.all(services)) await service.stop();
  });

  it('does not delay a service that is stopped', async () => {
    postgres = await startEmbedded(server);
    lab = await openLab({ databaseUrl: postgres.url, env: { RUNBEAT_LOG_LEVEL: 'warn' } });
    await postgres.stop();
    const services = [lab.child(['scheduler'], {}, 'pipe'), lab.child(['worker'], {}, 'pipe')];
    for (const service of services) {
      let said = '';
      for await (const chunk of service.stderr!) {
        said += String(chunk);
        if (said.includes('the database is not available')) break;
      }
      const exit = once(service, 'exit');
      service.kill('SIGTERM');
      expect(await exit).toEqual([0, null]);
    }
  });

  it('loses no output that a task prints meanwhile', async () => {
    postgres = await startEmbedded(server);
    lab = await openLab({ databaseUrl: postgres.url });
    lab.write('prints.ts', PRINTS);
    await lab.scheduler();
    await lab.worker();
    const go = path.join(lab.folder, 'go');
    const runId = await lab.trigger('prints', { go });
    await lab.eventually("select 1 from runbeat.task_instance where state = 'running'");
    await postgres.stop();
    lab.write('go', '');
    postgres = await startEmbedded(server);
    expect((await lab.finished('prints', runId)).state).toBe('success');
    const [log] = await readLogs(lab.pool, { dagId: 'prints', runId }, 't', null);
    expect(log!.content).toBe('before\nduring the outage\n');
  });

  it('gets the DAGs that were written meanwhile once it is back', async () => {
    postgres = await startEmbedded(server);
    lab = await openLab({ databaseUrl: postgres.url });
    const logger = createLogger('test', 'silent');
    let told = (): void => undefined;
    const waited = new Promise<void>((resolve) => (told = resolve));
    logger.warn = (_: unknown, message?: string) => {
      if (message === 'the database is not available; trying again') told();
    };
    const scheduler = await startScheduler(lab.config, logger);
    await postgres.stop();
    lab.write('prints.ts', PRINTS);
    // The file was read, but could not be stored.
    await waited;
    postgres = await startEmbedded(server);
    await lab.eventually("select 1 from runbeat.dag where dag_id = 'prints' and current_version_id is not null");
    await scheduler.stop();
  });

  it('gets ends and output from a time in which it was read-only', async () => {
    postgres = await startEmbedded(server);
    lab = await openLab({ databaseUrl: postgres.url });
    lab.write('prints.ts', PRINTS);
    await lab.scheduler();
    await lab.worker();
    const go = path.join(lab.folder, 'go');
    const runId = await lab.trigger('prints', { go });
    await lab.eventually("select 1 from runbeat.task_instance where state = 'running'");
    await readOnly(postgres, true);
    lab.write('go', '');
    // A late heartbeat shows that nothing could be written for a while.
    await lab.eventually("select 1 from runbeat.job having max(latest_heartbeat) < now() - interval '1 second'");
    await readOnly(postgres, false);
    expect((await lab.finished('prints', runId)).state).toBe('success');
    const [log] = await readLogs(lab.pool, { dagId: 'prints', runId }, 't', null);
    expect(log!.content).toBe('before\nduring the outage\n');
  });
});

/** Runs SQL as an administrator of the server, which the services are not. */
async function readOnly({ adminUrlOf }: EmbeddedPostgres, on: boolean): Promise<void> {
  await withClient({ url: adminUrlOf('postgres'), name: 'administrator' }, async (client) => {
    await client.query(`alter system set default_transaction_read_only = ${on ? 'on' : 'off'}`);
    await client.query('select pg_reload_conf()');
  });
}
