import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listImportErrors } from '../../scheduler/store/inspect.ts';
import { openLab, type Lab } from './lab.ts';

const simple = (dagId: string, options = '{}', task = '{}'): string => `import { dag } from 'runbeat';
export default dag('${dagId}', ${options}, (b) => { b.task('t', ${task}, () => undefined); });`;

const yaml = (dagId: string, more = ''): string =>
  `dag_id: ${dagId}\ntasks:\n  - task_id: t\n    command: "true"\n${more && `    ${more}\n`}`;

/** Each of these files fails to import, without affecting others. Only the database refuses the last one. */
const POISON: [string, string, string][] = [
  ['limit.ts', simple('limit', '{ maxActiveTasks: 3_000_000_000 }'), 'DAG "limit": max_active_tasks: must be 1000000'],
  ['nul.ts', simple('nul', String.raw`{ description: 'a\0b' }`), 'DAG "nul": description: must not contain a NUL'],
  ['nan.ts', simple('nan', '{ params: { a: { b: NaN } } }'), 'DAG "nan": params.a.b: must be a number, not NaN'],
  ['fn.ts', simple('fn', '{ params: { a: () => 1 } }'), 'DAG "fn": params.a: must be a JSON value, not a function'],
  [
    'cycle.ts',
    `const a = {}; a.a = a;\n${simple('cycle', '{ params: a }')}`,
    'params: must not be nested more than 100',
  ],
  [
    'bomb.ts',
    `let a = {}; for (let i = 0; i < 60; i++) a = { x: a, y: a };\n${simple('bomb', '{ params: a }')}`,
    'took longer',
  ],
  ['hangs.ts', 'await new Promise(() => undefined); export {};', 'took longer than 10 s'],
  ['spins.ts', 'for (;;) {}', 'took longer than 10 s'],
  ['nested.yaml', `${'['.repeat(75_000)}`, 'nested more than 100 levels deep'],
  [
    'aliases.yaml',
    `a: &a [1,1,1,1,1,1,1,1,1,1]\n${'bcdefgh'
      .split('')
      .map((name, at) => `${name}: &${name} [${Array(10).fill(`*${'abcdefg'[at]}`).join(',')}]`)
      .join('\n')}`,
    'alias',
  ],
  ['large.yaml', `# ${'x'.repeat(1_100_000)}`, 'it has 1100002 bytes; it may have 1048576'],
  [
    'tag.yaml',
    'dag_id: tag\ntasks:\n  - task_id: t\n    command: !secret x',
    'Unresolved tag: !secret at line 4, column 14',
  ],
  [
    'null.yaml',
    'dag_id: nulls\ntasks:\n  - task_id: t\n    command: env\n    env: { A: null }',
    'task "t": shell.env.A: must be text',
  ],
  ['two.yaml', 'dag_id: one\n---\ndag_id: two\n', 'it must contain one document'],
  [
    'option.ts',
    simple('option', '{ maxActiveTask: 1 }', '{ retrys: 2 }'),
    'DAG "option": task "t": unknown field "retrys"\noption.ts: DAG "option": unknown field "maxActiveTask"',
  ],
  ['forever.ts', simple('forever', '{}', '{ timeoutSeconds: NaN }'), 'execution_timeout_seconds: must be a number of'],
  ['never.ts', simple('never', '{ startDate: new Date(NaN) }'), 'start_date: must be a time such as'],
  ['nulId.ts', simple(String.raw`a\0b`), String.raw`DAG "a\x00b": dag_id: must be letters`],
  ['nulError.ts', String.raw`throw new Error('a\0b'); export {};`, String.raw`Error: a\x00b`],
  ['longError.ts', `throw new Error('x'.repeat(1e7)); export {};`, 'Error: xxxxx'],
  [
    'manyErrors.ts',
    `import { dag } from 'runbeat';
     export default dag('many', {}, (b) => { for (let at = 0; at < 150; at++) b.task('t' + at, { retries: -1 }, () => 1); });`,
    'and 50 more lines',
  ],
  ['both.yaml', yaml('both', 'trigger_dag_id: x'), 'task "t": unknown field "command"'],
  ['conf.yaml', yaml('conf', 'conf: { a: 1 }'), 'task "t": unknown field "conf"'],
  ['defaults.yaml', `defaults: [1]\n${yaml('defaults')}`, 'defaults: must be a mapping of task fields'],
  ['zone.yaml', `timezone: Europe/Berlin\n${yaml('zone')}`, 'timezone: must be a name such as Europe/Berlin, beside'],
  ['every.yaml', `schedule: { every_seconds: 5, evry: 1 }\n${yaml('every')}`, 'schedule: unknown field "evry"'],
  ['refused.ts', simple('refused', "{ owner: 'nobody' }"), 'refused.ts: it could not be stored: '],
];

let lab: Lab;
/** Reading these never ends. */
const PIPES = ['pipe.yaml', 'pipe.ts'];

beforeAll(async () => {
  lab = await openLab();
  for (const pipe of PIPES) execFileSync('mkfifo', [path.join(lab.folder, pipe)]);
  symlinkSync('/dev/zero', path.join(lab.folder, 'zero.yaml'));
  await lab.pool.query("alter table runbeat.dag add check (owner <> 'nobody')");
  for (const [name, text] of POISON) lab.write(name, text);
  for (let at = 0; at < 20; at++) lab.write(`good${at}.ts`, simple(`good${at}`));
  // Reading one of these may break the thread that the next one is read in.
  lab.write(
    'good7posts.ts',
    `import { parentPort } from 'node:worker_threads'; parentPort.postMessage(null); ${simple('good20')}`,
  );
  lab.write('good8exits.ts', `setTimeout(() => process.exit(1), 1); ${simple('good21')}`);
  await lab.scheduler();
});
afterAll(() => lab.close());

describe('a DAG file that can’t be imported', () => {
  it('does not keep others from being imported, and does not delay them if it hangs', async () => {
    const { rows } = await lab.pool.query<{ count: number }>(
      // good21 may end its thread before it has answered, which affects only itself.
      "select count(*)::int as count from runbeat.dag where dag_id like 'good%' and dag_id <> 'good21' and not is_stale",
    );
    expect(rows[0]!.count).toBe(21);
    // The good ones were imported before the time limit of those that hang.
    expect((await listImportErrors(lab.pool)).map(({ fileloc }) => fileloc)).not.toContain('hangs.ts');
  });

  it('is an import error that names file, DAG, task and field', async () => {
    await lab.eventually('select 1 from (select count(*) from runbeat.import_error) as n where n.count = $1', [
      POISON.length + PIPES.length + 1,
    ]);
    const messages = new Map((await listImportErrors(lab.pool)).map((error) => [error.fileloc, error.message]));
    for (const name of [...PIPES, 'zero.yaml']) expect(messages.get(name)).toBe(`${name}: it is not a regular file`);
    for (const [name, , message] of POISON) {
      expect(messages.get(name)).toContain(message);
      expect(messages.get(name)).toMatch(new RegExp(`^${name}: `));
    }
  });

  it('does not prevent later changes of others, and is not read again for them', async () => {
    lab.write('good0.ts', simple('good0', "{ description: 'changed' }"));
    const changed = performance.now();
    await lab.eventually("select 1 from runbeat.dag where dag_id = 'good0' and description = 'changed'");
    // Reading those that hang again would take their ten seconds first.
    expect(performance.now() - changed).toBeLessThan(9_000);
    const { rows } = await lab.pool.query("select from runbeat.dag_version where dag_id like 'good%'");
    expect(rows).toHaveLength(23);
  });
});
