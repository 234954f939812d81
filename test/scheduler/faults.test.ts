import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort, startEmbedded } from '../../platform/postgres/embedded.ts';
import { killed, openLab, stateOf, type Lab } from './lab.ts';

/** Tasks that report through a table that they run, and wait for a row in it before they continue. */
const HELD = `import { dag } from 'runbeat';
import pg from ${JSON.stringify(path.resolve('node_modules/pg/esm/index.mjs'))};
const hold = async ({ databaseUrl, taskId, tryNumber }) => {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('insert into public.running values ($1, $2)', [taskId, tryNumber]);
  for (;;) {
    const { rowCount } = await client.query('select from public.go');
    if (rowCount) break;
    await client.query('select pg_sleep(0.02)');
  }
  await client.end();
};
export const held = dag('held', { defaults: { retries: 1, retryDelaySeconds: 0 } }, (b) => {
  const first = b.task('first', {}, hold);
  b.task('second', { after: first }, () => undefined);
});
export const short = dag('short', {}, (b) => {
  let after;
  for (let at = 0; at < 10; at++) after = b.task('t' + at, { after }, () => undefined);
});`;

let lab: Lab;
afterEach(() => lab.close());

async function openHeldLab(options: Parameters<typeof openLab>[0] = {}): Promise<void> {
  lab = await openLab(options);
  lab.write('held.ts', HELD);
  await lab.pool.query('create table public.running (task_id text, try_number int); create table public.go (ok int)');
}

const running = (tryNumber: number): Promise<unknown> =>
  lab.eventually("select 1 from public.running where task_id = 'first' and try_number = $1", [tryNumber]);
const go = (): Promise<unknown> => lab.pool.query('insert into public.go values (1)');

/** Expects that every task instance of every run has ended once, with success. */
async function expectEachOnce(dagId: string, runs: number, tasks: number): Promise<void> {
  const { rows } = await lab.pool.query(
    `select (select count(*)::int from runbeat.dag_run where dag_id = $1 and state = 'success') as runs,
            (select count(*)::int from runbeat.task_instance where dag_id = $1 and state = 'success') as tasks,
            (select count(*)::int from runbeat.task_instance_history where dag_id = $1 and state = 'success') as doubled`,
    [dagId],
  );
  expect(rows[0]).toEqual({ runs, tasks: runs * tasks, doubled: 0 });
}

describe('a worker that is killed', () => {
  it('has its task taken over by another one, which follows the task’s retry rules', async () => {
    await openHeldLab();
    await lab.scheduler();
    const victim = lab.child(['worker']);
    const runId = await lab.trigger('held');
    await running(1);
    await killed(victim);
    await lab.worker();
    await running(2);
    await go();
    const run = await lab.finished('held', runId);
    expect(run.state).toBe('success');
    expect(run.tasks[0]).toMatchObject({ task_id: 'first', state: 'success', try_number: 2 });
    expect(run.tasks[0]!.earlier_attempts).toMatchObject([{ try_number: 1, state: 'failed' }]);
    await expectEachOnce('held', 1, 2);
  });

  it('can’t record an end if it was only cut off and its attempt was abandoned meanwhile', async () => {
    await openHeldLab();
    await lab.scheduler();
    const victim = lab.child(['worker']);
    const runId = await lab.trigger('held');
    await running(1);
    victim.kill('SIGSTOP');
    await lab.worker();
    await running(2);
    await go();
    const run = await lab.finished('held', runId);
    victim.kill('SIGCONT');
    // The late end is refused once the worker is connected again, which its next heartbeat shows.
    await lab.eventually(
      "select 1 from runbeat.job where pid = $1 and job_type = 'WorkerJob' and state = 'running' and latest_heartbeat > now() - interval '0.5 seconds'",
      [victim.pid],
    );
    await killed(victim, 'SIGTERM');
    const { rows } = await lab.pool.query(
      "select try_number, end_date from runbeat.task_instance where task_id = 'first' and state = 'success'",
    );
    expect(rows).toEqual([{ try_number: 2, end_date: run.tasks[0]!.end_date }]);
  });
});

describe('a scheduler that is killed', () => {
  it('is replaced by another one, with no run lost and none duplicated', async () => {
    await openHeldLab();
    const [first, second] = [lab.child(['scheduler']), lab.child(['scheduler'])];
    await lab.eventually("select 1 from runbeat.job where job_type = 'SchedulerJob' having count(*) = 2");
    await lab.worker();
    const runIds = [];
    for (let at = 0; at < 20; at++) runIds.push(await lab.trigger('short'));
    await lab.eventually("select 1 from runbeat.task_instance where state = 'success'");
    await killed(first);
    for (const runId of runIds) expect((await lab.finished('short', runId)).state).toBe('success');
    await expectEachOnce('short', 20, 10);
    await killed(second, 'SIGTERM');
    const { rows } = await lab.pool.query(
      "select state from runbeat.job where job_type = 'SchedulerJob' and pid = $1",
      [second.pid],
    );
    expect(rows).toEqual([{ state: 'success' }]);
  });

  it('leaves its runs to the next one that starts', async () => {
    await openHeldLab();
    const victim = lab.child(['scheduler']);
    const runId = await lab.trigger('held');
    await lab.eventually("select 1 from runbeat.task_instance where state = 'queued'");
    await killed(victim);
    await lab.worker();
    await running(1);
    await go();
    await lab.eventually("select 1 from runbeat.task_instance where task_id = 'first' and state = 'success'");
    await lab.scheduler();
    expect((await lab.finished('held', runId)).state).toBe('success');
    await expectEachOnce('held', 1, 2);
  });
});

describe('SIGTERM to a worker', () => {
  it('lets a task finish within the grace period', async () => {
    await openHeldLab();
    await lab.scheduler();
    const worker = lab.child(['worker']);
    const runId = await lab.trigger('held');
    await running(1);
    worker.kill('SIGTERM');
    await go();
    const [code] = (await once(worker, 'exit')) as [number];
    expect(code).toBe(0);
    const { rows } = await lab.pool.query(
      "select state, try_number from runbeat.task_instance where task_id = 'first'",
    );
    expect(rows).toEqual([{ state: 'success', try_number: 1 }]);
    await lab.worker();
    await lab.finished('held', runId);
  });

  it('hands back a task that does not finish in time, without using up a retry', async () => {
    await openHeldLab({ env: { RUNBEAT_SHUTDOWN_GRACE: '0.2' } });
    await lab.scheduler();
    const worker = lab.child(['worker']);
    const runId = await lab.trigger('held');
    await running(1);
    await killed(worker, 'SIGTERM');
    await lab.worker();
    await running(2);
    await go();
    const run = await lab.finished('held', runId);
    expect(run.tasks[0]).toMatchObject({ state: 'success', try_number: 2, max_tries: 2 });
    expect(run.tasks[0]!.earlier_attempts).toMatchObject([{ try_number: 1, state: 'restarting' }]);
  });
});

describe('a restart of the database', () => {
  it('makes scheduler and worker wait, and a task that ended meanwhile is recorded', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-restart-'));
    chmodSync(folder, 0o755);
    const server = { dataDir: path.join(folder, 'data'), port: await freePort(), durable: false };
    let postgres = await startEmbedded(server);
    try {
      await openHeldLab({ databaseUrl: postgres.url });
      lab.write(
        'sleeper.ts',
        `import { dag } from 'runbeat';
        export default dag('sleeper', {}, (b) => {
          const slow = b.task('slow', {}, () => new Promise((resolve) => setTimeout(resolve, 1500)));
          b.task('after', { after: slow }, () => undefined);
        });`,
      );
      await lab.scheduler();
      await lab.worker();
      const runId = await lab.trigger('sleeper');
      await lab.eventually("select 1 from runbeat.task_instance where state = 'running'");
      await postgres.stop();
      postgres = await startEmbedded(server);
      const run = await lab.finished('sleeper', runId);
      expect(run.state).toBe('success');
      expect(stateOf(run, 'after')).toBe('success');
      await expectEachOnce('sleeper', 1, 2);
    } finally {
      await lab.close();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a crash of the database', () => {
  it('may lose what a pass has queued, and the next pass queues it again', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-crash-'));
    chmodSync(folder, 0o755);
    // Only a synchronous commit is flushed to the disk, and no heartbeat commits meanwhile.
    const settings = { wal_writer_delay: '10s' };
    const server = { dataDir: path.join(folder, 'data'), port: await freePort(), settings };
    let postgres = await startEmbedded(server);
    try {
      const env = { RUNBEAT_HEARTBEAT_INTERVAL: '5', RUNBEAT_HEARTBEAT_THRESHOLD: '20' };
      await openHeldLab({ databaseUrl: postgres.url, env });
      lab.write(
        'two.ts',
        `import { dag } from 'runbeat';
        export default dag('two', {}, (b) => {
          const first = b.task('first', {}, () => undefined);
          b.task('second', { after: first, queue: 'later' }, () => undefined);
        });`,
      );
      await lab.scheduler();
      await lab.worker({ queues: ['default'] });
      const runId = await lab.trigger('two');
      await lab.eventually("select 1 from runbeat.task_instance where task_id = 'second' and state = 'queued'");
      // An immediate shutdown writes nothing more. Unlike after SIGKILL, no orphaned server process blocks the next start.
      process.kill(postgres.pid, 'SIGQUIT');
      await postgres.stop();
      postgres = await startEmbedded(server);
      await lab.worker({ queues: ['later'] });
      expect((await lab.finished('two', runId)).state).toBe('success');
      await expectEachOnce('two', 1, 2);
    } finally {
      await lab.close();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a database that stays down', () => {
  it('does not prevent services from stopping, not even a worker with a result that it can’t record', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-away-'));
    chmodSync(folder, 0o755);
    const postgres = await startEmbedded({ dataDir: path.join(folder, 'data'), durable: false });
    try {
      await openHeldLab({ databaseUrl: postgres.url, env: { RUNBEAT_SHUTDOWN_GRACE: '0.2' } });
      const services = [lab.child(['scheduler']), lab.child(['worker'])];
      await lab.trigger('held');
      await running(1);
      await postgres.stop();
      const ended = services.map((service) => once(service, 'exit'));
      for (const service of services) service.kill('SIGTERM');
      for (const exit of await Promise.all(ended)) expect(exit).toEqual([0, null]);
    } finally {
      await lab.close();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
