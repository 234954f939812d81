import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { startScheduler } from '../../scheduler/main.ts';
import { createLogger } from '../../platform/log.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { openLab, type Lab } from './lab.ts';

interface Answer {
  code: number | null;
  stdout: string;
  stderr: string;
}

async function runbeat(args: string[], env: NodeJS.ProcessEnv): Promise<Answer> {
  const child = spawn(process.execPath, [path.resolve('bin/runbeat.mjs'), ...args], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const answer: Answer = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (answer.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (answer.stderr += chunk.toString()));
  [answer.code] = (await once(child, 'close')) as [number | null];
  return answer;
}

let lab: Lab;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  lab = await openLab();
  env = { RUNBEAT_DATABASE_URL: lab.config.databaseUrl, RUNBEAT_DAGS: lab.folder };
  lab.write('hello.yaml', 'dag_id: hello\ntasks:\n  - task_id: say\n    command: echo hello; exit 1\n');
  await lab.scheduler();
  await lab.worker();
});
afterAll(() => lab.close());

describe('the command line', () => {
  it('triggers a run, follows it, shows its log and runs its failed task again', async () => {
    const made = await runbeat(
      ['dags', 'trigger', 'hello', '--run-id', 'r1', '--conf', '{"user_id": 1}', '--json'],
      env,
    );
    expect(JSON.parse(made.stdout)).toEqual({ dag_id: 'hello', run_id: 'r1', is_paused: false });
    await lab.finished('hello', 'r1');
    const shown = await runbeat(['runs', 'show', 'hello', 'r1'], env);
    expect(shown.stdout).toMatch(/^hello r1: failed after/);
    expect(shown.stdout).toContain('Again: runbeat runs retry hello r1');
    expect((await runbeat(['runs', 'logs', 'hello', 'r1', 'say'], env)).stdout).toContain(
      'hello\nEnded: the command ended with exit status 1',
    );
    const again = await runbeat(['runs', 'retry', 'hello', 'r1', '--json'], env);
    expect(JSON.parse(again.stdout)).toMatchObject({ task_ids: ['say'] });
    await lab.eventually("select 1 from runbeat.task_instance_history where run_id = 'r1'");
  });

  it.each([
    [['dags', 'trigger', 'helo'], 1, 'there is no DAG "helo"\nKnown DAGs: hello.'],
    [['dags', 'show', 'helo'], 1, 'there is no DAG "helo"'],
    [['runs', 'show', 'hello', 'none'], 1, 'DAG "hello" has no run "none"\nSee `runbeat runs list --dag hello`.'],
    [['dags', 'trigger', 'hello', '--conf', '[1]'], 2, 'It must be a JSON object'],
    [['runs', 'list', '--stat', 'failed'], 2, 'Did you mean --state?'],
    [['worker', '--concurrency', '0'], 2, 'It must be a whole number from 1 to 1000.'],
    [['scheduler', '--lane', 'Fast!'], 2, 'It must consist of lower-case letters'],
  ])('ends %j with exit status %i and a remedy', async (args, code, message) => {
    const answer = await runbeat(args, env);
    expect(answer.stderr).toContain(message);
    expect(answer.stderr).not.toMatch(/^\s+at /m);
    expect(answer.code).toBe(code);
  });

  it('names all invalid settings in one error, with exit status 2', async () => {
    const answer = await runbeat(['worker'], { RUNBEAT_HEARTBEAT_INTERVAL: 'soon', RUNBEAT_WORKER_CONCURRENCY: '-1' });
    expect(answer.code).toBe(2);
    for (const name of ['RUNBEAT_DATABASE_URL', 'RUNBEAT_HEARTBEAT_INTERVAL', 'RUNBEAT_WORKER_CONCURRENCY']) {
      expect(answer.stderr).toContain(name);
    }
  });

  it('says that the database is not available, or has no tables', async () => {
    const nowhere = await runbeat(['dags', 'list'], { RUNBEAT_DATABASE_URL: 'postgres://postgres@127.0.0.1:1/x' });
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing answers at 127.0.0.1:1') });
    const empty = await createTestDatabase();
    const answer = await runbeat(['runs', 'list'], { RUNBEAT_DATABASE_URL: empty.url });
    expect(answer).toMatchObject({ code: 1, stderr: expect.stringContaining('Create them with `runbeat migrate`.') });
    await empty.drop();
  });
});

describe('cron-import', () => {
  it('writes one DAG per line that the scheduler accepts, reports the lines that it can’t convert, and writes none twice', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-cron-'));
    const crontab = path.join(folder, 'crontab');
    writeFileSync(crontab, 'CRON_TZ=Europe/Berlin\n0 3 * * * backup --full\n@daily cat%one%two\n@reboot no\n');
    const args = ['cron-import', crontab, '--json'];
    const first = await runbeat(args, env);
    expect(first.code).toBe(1);
    const { dags, problems } = JSON.parse(first.stdout) as {
      dags: { dag_id: string; change: string }[];
      problems: object[];
    };
    expect(dags.map((dag) => dag.change)).toEqual(['new', 'new']);
    expect(problems).toMatchObject([{ line: 4, taken: false }]);
    writeFileSync(crontab, 'CRON_TZ=Europe/Berlin\n\n@daily cat%one%two\n0 3 * * * backup --full\n');
    const second = await runbeat(args, env);
    expect(second.code).toBe(0);
    expect(
      (JSON.parse(second.stdout) as typeof first & { dags: { change: string }[] }).dags.map((dag) => dag.change),
    ).toEqual(['unchanged', 'unchanged']);
    expect(readdirSync(path.join(lab.folder, 'cron'))).toHaveLength(2);
    const { schedule } = await lab.eventually(
      "select schedule->>'timezone' as schedule from runbeat.dag where dag_id = $1",
      [dags[0]!.dag_id],
    );
    expect(schedule).toBe('Europe/Berlin');
    const cat = dags.find((dag) => dag.dag_id.startsWith('cron_cat'))!.dag_id;
    const run = await lab.finished(cat, await lab.trigger(cat));
    expect(run.state).toBe('success');
    writeFileSync(crontab, 'CRON_TZ=Europe/Berlin\n0 4 * * * backup --full\n@daily %only input\n');
    const kept = JSON.parse((await runbeat([...args, '--keep', '--dry-run'], env)).stdout) as { kept: string[] };
    expect(kept.kept).toHaveLength(2);
    const third = JSON.parse((await runbeat(args, env)).stdout) as typeof first & { removed: string[] };
    expect(third.removed.sort()).toEqual(dags.map((dag) => dag.dag_id).sort());
    await lab.eventually('select 1 from runbeat.dag where dag_id = $1 and is_stale', [cat]);
    // Its runs stay. The scheduler accepts the DAGs that replaced it, even that of a line without a command.
    await lab.eventually('select 1 from runbeat.dag_run where dag_id = $1', [cat]);
    await lab.eventually("select 1 from runbeat.dag where dag_id like 'cron_job_%' and not is_stale");
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('migrations', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('of the scheduler and its queue may be started by twenty processes at once', async () => {
    const applied = await Promise.all(Array.from({ length: 20 }, () => migrateScheduler(database.url)));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    const config = { ...loadSchedulerConfig({ RUNBEAT_DATABASE_URL: database.url }), dagsFolder: lab.folder };
    const scheduler = await startScheduler(config, createLogger('test', 'silent'));
    await scheduler.stop();
  });
});
