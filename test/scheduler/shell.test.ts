import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ShellSpec } from '../../scheduler/core/definition.ts';
import { runShell, type ShellResult } from '../../scheduler/execution/shell.ts';

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'runbeat-shell-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SPEC: ShellSpec = {
  command: 'true',
  cwd: null,
  env: {},
  inherit: [],
  virtualenv: null,
  node_modules: null,
  stdin: null,
  shell: '/bin/sh',
};

async function run(
  spec: Partial<ShellSpec>,
  timeoutSeconds: number | null = null,
  conf = '{}',
): Promise<{ output: string; result: ShellResult }> {
  let output = '';
  const result = await runShell({
    spec: { ...SPEC, ...spec },
    facts: { RUNBEAT_DAG_ID: 'd' },
    environment: { SHARED: 'shared', SECRET: 'secret' },
    conf,
    timeoutSeconds,
    onOutput: (text) => (output += text),
    signal: new AbortController().signal,
  });
  return { output, result };
}

describe('a shell task', () => {
  it("sees only those variables of the worker's environment that it lists", async () => {
    const { output } = await run({
      command: 'env | cut -d= -f1 | sort',
      env: { OWN: '1' },
      inherit: ['SHARED'],
    });
    const names = output
      .trim()
      .split('\n')
      .filter((name) => !['_', 'PWD', 'SHLVL', 'OLDPWD'].includes(name));
    expect(names).toEqual(['OWN', 'PATH', 'RUNBEAT_CONF', 'RUNBEAT_DAG_ID', 'SHARED']);
  });

  it('gets a conf that is too large for a variable in a file that is deleted afterwards', async () => {
    const conf = JSON.stringify({ text: 'x'.repeat(200_000) });
    const command = 'echo "${RUNBEAT_CONF-none} $RUNBEAT_CONF_FILE"; cat "$RUNBEAT_CONF_FILE"';
    const [first, ...rest] = (await run({ command }, null, conf)).output.split('\n');
    expect(rest.join('\n')).toBe(conf);
    const [, file] = /^none (.+)$/.exec(first!)!;
    expect(existsSync(path.dirname(file!))).toBe(false);
  });

  it('may have a timeout of months', async () => {
    expect((await run({ command: 'sleep 0.05' }, 90 * 86_400)).result).toEqual({ ok: true });
  });

  it('runs in the folder it names, or in a fresh one that is removed', async () => {
    expect((await run({ command: 'pwd', cwd: folder })).output.trim()).toBe(folder);
    const scratch = (await run({ command: 'pwd; touch file' })).output.trim();
    await expect(run({ command: 'ls', cwd: scratch })).resolves.toMatchObject({
      result: { ok: false, message: expect.stringContaining(`could not be started with /bin/sh in ${scratch}`) },
    });
  });

  it('finds the programs of its virtualenv and node_modules first', async () => {
    for (const place of ['venv/bin', 'node_modules/.bin']) {
      mkdirSync(path.join(folder, place), { recursive: true });
      writeFileSync(path.join(folder, place, `from-${place[0]}`), `#!/bin/sh\necho ${place} $VIRTUAL_ENV\n`, {
        mode: 0o755,
      });
    }
    const virtualenv = path.join(folder, 'venv');
    const spec = { command: 'from-v; from-n', virtualenv, node_modules: path.join(folder, 'node_modules') };
    expect((await run(spec)).output).toBe(`venv/bin ${virtualenv}\nnode_modules/.bin ${virtualenv}\n`);
  });

  it('keeps stdout and stderr, reads its stdin, and reports its exit status', async () => {
    const { output, result } = await run({ command: 'cat; echo bad >&2; exit 3', stdin: 'in\n' });
    expect(output.split('\n').sort()).toEqual(['', 'bad', 'in']);
    expect(result).toEqual({ ok: false, message: 'the command ended with exit status 3' });
  });

  it('is killed if it ignores SIGTERM', async () => {
    const { result } = await run({ command: "trap '' TERM; while :; do sleep 0.1; done" }, 0.2);
    expect(result).toEqual({ ok: false, message: 'it ran longer than its limit of 0.2 s' });
  });
});
