import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listDags, listImportErrors, readLogs, showDag } from '../../scheduler/store/inspect.ts';
import { openLab, type Lab } from './lab.ts';

const SAYS = (word: string): string => `import { dag } from 'runbeat';
import { shout } from './shared/shout.ts';
export default dag('says', {}, (b) => {
  const wait = b.sensor('wait', { pokeIntervalSeconds: 0.05 }, ({ conf }) => conf.wait !== true || Date.now() > conf.until);
  b.task('say', { after: wait }, () => console.log(shout('${word}')));
});`;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  lab.write('shared/shout.ts', 'export const shout = (text) => text.toUpperCase();');
  lab.write('says.ts', SAYS('one'));
  lab.write('throws.ts', `throw new Error('no good'); export default 1;`);
  lab.write('hangs.js', `await new Promise(() => undefined);`);
  lab.write('exits.mjs', `process.exit(3);`);
  lab.write('syntax.ts', `import { dag } from 'runbeat'; export default dag('x', {}, (b) => {`);
  lab.write(
    'invalid.ts',
    `import { dag } from 'runbeat';
     export const a = dag('a', { schedule: '61 * * * *' }, (b) => { b.task('t', {}, () => undefined); });
     export const b = dag('b', {}, (b) => {
       b.task('x', { after: 'y', retries: -1 }, () => undefined); b.task('y', { after: 'x' }, () => undefined); });
     export const c = dag('c', {}, (b) => {
       const x = b.task('x', { after: 'y' }, () => undefined); b.task('y', { after: x }, () => undefined);
       });
     export const d = dag('d', {}, (b) => { b.task('x', { after: 'nobody' }, () => undefined); b.task('x', {}, () => undefined); });`,
  );
  lab.write(
    'flow.yaml',
    `dag_id: flow
schedule: '30 6 * * 1-5'
timezone: Europe/Berlin
tasks:
  - task_id: fetch
    command: echo fetched
  - task_id: load
    after: fetch
    command: echo $RUNBEAT_TASK_ID $MODE
    env: { MODE: full }
`,
  );
  lab.write(
    'wrong.yml',
    `dag_id: wrong\ntasks:\n  - task_id: a\n    comand: echo\n  - task_id: b\n    command: ls\n    after: [a, c]\n`,
  );
  lab.write('broken.yaml', `dag_id: [\n`);
  await lab.scheduler();
  await lab.worker();
});
afterAll(() => lab.close());

const errorOf = async (fileloc: string): Promise<string | undefined> =>
  (await listImportErrors(lab.pool)).find((error) => error.fileloc === fileloc)?.message;

describe('a DAG file', () => {
  it.each([
    ['throws.ts', 'throws.ts: Error: no good'],
    ['hangs.js', 'hangs.js: importing it took longer than'],
    ['exits.mjs', 'exits.mjs: importing it ended the process (exit 3)'],
    ['syntax.ts', 'syntax.ts: Build failed'],
    ['broken.yaml', 'broken.yaml: '],
    ['wrong.yml', 'wrong.yml: DAG "wrong": task "a": shell.command: '],
  ])('%s that is faulty is listed as an import error', async (fileloc, message) => {
    await lab.eventually('select from runbeat.import_error where fileloc = $1', [fileloc]);
    expect(await errorOf(fileloc)).toContain(message);
  });

  it('with invalid definitions has every fault named with DAG, task and field', async () => {
    expect((await errorOf('invalid.ts'))!.split('\n')).toEqual([
      'invalid.ts: DAG "a": schedule: "61 * * * *" is not a cron expression (Invalid value for minute: 61)',
      'invalid.ts: DAG "b": task "x": retries: must be 0 or more',
      'invalid.ts: DAG "c": task "y": upstream_task_ids: the tasks wait for each other: y → x → y',
      'invalid.ts: DAG "d": task "x": task_id: is used twice',
      'invalid.ts: DAG "d": task "x": upstream_task_ids: there is no task "nobody"',
    ]);
  });

  it('does not affect others when it is faulty', async () => {
    expect((await listDags(lab.pool, false)).map((dag) => dag.dag_id)).toEqual(['flow', 'says']);
  });

  it('in YAML runs its commands', async () => {
    const dag = (await showDag(lab.pool, 'flow'))!;
    expect(dag.schedule).toBe('30 6 * * 1-5 Europe/Berlin');
    const run = await lab.finished('flow', await lab.trigger('flow'));
    expect(run.state).toBe('success');
    const [log] = await readLogs(lab.pool, { dagId: 'flow', runId: run.run_id }, 'load', null);
    expect(log!.content).toBe('load full\n');
  });

  it('is loaded again when it changes, and a run continues with the version that it started with', async () => {
    const until = Date.now() + 1_000;
    const before = await lab.trigger('says', { wait: true, until });
    await lab.eventually("select 1 from runbeat.task_instance where dag_id = 'says' and state = 'up_for_reschedule'");
    lab.write('says.ts', SAYS('two'));
    await lab.eventually("select 1 from runbeat.dag_version where dag_id = 'says' and version_number = 2");
    const after = await lab.trigger('says');
    const said = async (runId: string): Promise<string> => {
      await lab.finished('says', runId);
      return (await readLogs(lab.pool, { dagId: 'says', runId }, 'say', null))[0]!.content;
    };
    expect([await said(before), await said(after)]).toEqual(['ONE\n', 'TWO\n']);
  });

  it('that is imported by a DAG file creates a new version when it changes', async () => {
    lab.write('shared/shout.ts', 'export const shout = (text) => text.toUpperCase() + "!";');
    await lab.eventually("select 1 from runbeat.dag_version where dag_id = 'says' and version_number = 3");
  });

  it('that is removed retires its DAG and keeps its runs', async () => {
    rmSync(path.join(lab.folder, 'flow.yaml'));
    await lab.eventually("select 1 from runbeat.dag where dag_id = 'flow' and is_stale");
    const { rowCount } = await lab.pool.query("select from runbeat.dag_run where dag_id = 'flow'");
    expect(rowCount).toBe(1);
  });
});
