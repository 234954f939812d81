import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
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
): Promise<{ output: string; result: ShellResult }> {
  let output = '';
  const result = await runShell({
    spec: { ...SPEC, ...spec },
    facts: { RUNBEAT_DAG_ID: 'd' },
    timeoutSeconds,
    onOutput: (text) => (output += text),
    signal: new AbortController().signal,
  });
  return { output, result };
}

describe('a shell task', () => {
  it("sees nothing of the worker's environment but what it lists", async () => {
    process.env.RUNBEAT_TEST_SECRET = 'secret';
    process.env.RUNBEAT_TEST_SHARED = 'shared';
    const { output } = await run({
      command: 'env | cut -d= -f1 | sort',
      env: { OWN: '1' },
      inherit: ['RUNBEAT_TEST_SHARED'],
    });
    const names = output
      .trim()
      .split('\n')
      .filter((name) => !['_', 'PWD', 'SHLVL', 'OLDPWD'].includes(name));
    expect(names).toEqual(['OWN', 'PATH', 'RUNBEAT_DAG_ID', 'RUNBEAT_TEST_SHARED']);
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

  it('keeps stdout and stderr, reads its stdin, and tells its exit status', async () => {
    const { output, result } = await run({ command: 'cat; echo bad >&2; exit 3', stdin: 'in\n' });
    expect(output.split('\n').sort()).toEqual(['', 'bad', 'in']);
    expect(result).toEqual({ ok: false, message: 'the command ended with exit status 3' });
  });

  it('is ended for good when it does not listen to SIGTERM', async () => {
    const { result } = await run({ command: "trap '' TERM; while :; do sleep 0.1; done" }, 0.2);
    expect(result).toEqual({ ok: false, message: 'it ran longer than its limit of 0.2 s' });
  }, 15_000);
});
