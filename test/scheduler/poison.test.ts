import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLogs } from '../../scheduler/store/inspect.ts';
import { openLab, stateOf, type Lab } from './lab.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'runbeat-poison-'));
const pidFile = path.join(scratch, 'pid');

const POISON = `import { dag } from 'runbeat';
const one = (id, build) => dag(id, { defaults: { timeoutSeconds: 1 } }, build);
export const spins = one('spins', (b) => { b.task('t', {}, () => { for (;;); }); });
export const hangs = one('hangs', (b) => { b.task('t', {}, () => new Promise(() => undefined)); });
export const exits = one('exits', (b) => { b.task('t', {}, () => process.exit(0)); });
export const throwsLater = one('throws_later', (b) => {
  b.task('t', {}, () => new Promise(() => setTimeout(() => { throw new Error('nobody catches this'); }, 1)));
});
export const eats = one('eats', (b) => { b.task('t', { timeoutSeconds: 50 }, () => { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)); }); });
export const floods = one('floods', (b) => {
  b.task('t', { timeoutSeconds: 20 }, () => {
    console.log('the beginning');
    for (let at = 0; at < 200_000; at++) console.log('line ' + at);
    console.log('the end');
  });
});
export const shellFloods = one('shell_floods', (b) => {
  b.shell('t', { timeoutSeconds: 20, command: 'echo the beginning; yes | head -c 20000000; echo the end' });
});
export const shellHangs = one('shell_hangs', (b) => {
  b.shell('t', { command: 'sleep 1000 & echo $! > ${pidFile}; wait' });
});
export const shellSignal = one('shell_signal', (b) => { b.shell('t', { command: 'kill -SEGV $$' }); });
export const innocent = dag('innocent', {}, (b) => {
  const first = b.task('first', {}, () => new Promise((resolve) => setTimeout(resolve, 1500)));
  b.task('second', { after: first }, () => undefined);
});`;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ env: { RUNBEAT_TASK_LOG_LIMIT: '100000' } });
  lab.write('poison.ts', POISON);
  await lab.scheduler();
  await lab.worker({ concurrency: 12 });
});
afterAll(async () => {
  await lab.close();
  rmSync(scratch, { recursive: true, force: true });
});

async function failure(dagId: string): Promise<string> {
  const run = await lab.finished(dagId, await lab.trigger(dagId));
  expect(stateOf(run, 't')).toBe('failed');
  return logOf(dagId, run.run_id);
}

async function logOf(dagId: string, runId: string): Promise<string> {
  return (await readLogs(lab.pool, { dagId, runId }, 't', null)).map((log) => log.content).join('');
}

describe('a poison task', () => {
  it.each([
    ['spins', 'ran longer than its limit of 1 s'],
    ['hangs', 'ran longer than its limit of 1 s'],
    ['exits', 'ended its thread (exit 0)'],
    ['throws_later', 'nobody catches this'],
    ['eats', 'memory limit'],
    ['shell_signal', 'ended by SIGSEGV'],
  ])('that %s fails, and its log says why', async (dagId, reason) => {
    expect(await failure(dagId)).toContain(reason);
  });

  it('does not affect a task that runs at the same time', async () => {
    const innocent = await lab.trigger('innocent');
    await Promise.all(['spins', 'exits', 'throws_later'].map(failure));
    const run = await lab.finished('innocent', innocent);
    expect(run.tasks).toMatchObject([
      { state: 'success', try_number: 1 },
      { state: 'success', try_number: 1 },
    ]);
  });

  it.each(['floods', 'shell_floods'])('that %s keeps the beginning and the end of its output', async (dagId) => {
    const run = await lab.finished(dagId, await lab.trigger(dagId));
    expect(run.state).toBe('success');
    const log = await logOf(dagId, run.run_id);
    expect(log.length).toBeLessThan(101_000);
    expect(log).toMatch(/^the beginning\n/);
    expect(log).toMatch(/the end\n$/);
    expect(log).toMatch(/… \d+ characters omitted …/);
  });

  it('is ended with everything that it started', async () => {
    expect(await failure('shell_hangs')).toContain('ran longer than its limit of 1 s');
    expect(existsSync(pidFile)).toBe(true);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive(pid)).toBe(false);
  });
});

/** A process that has ended but was not reaped is still listed, as a zombie. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/\) Z /.test(readFileSync(stat, 'utf8'));
}
