import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FunctionResult } from '../../scheduler/execution/messages.ts';
import { ThreadPool } from '../../scheduler/execution/threadPool.ts';
import * as threads from '../../scheduler/loading/thread.ts';

/** Functions that block their thread until a gate opens, or that misbehave. */
const CODE = `
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { parentPort } from 'node:worker_threads';
const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
const later = () => new Promise((resolve) => setTimeout(resolve, 60));
export default {
  [Symbol.for('runbeat.dag')]: true,
  input: { dag_id: 'd' },
  functions: {
    held: ({ conf }) => { while (!existsSync(conf.gate)) pause(); },
    quick: () => console.log('quick'),
    postsNull: async () => { parentPort.postMessage(null); await later(); },
    postsOdd: async () => { parentPort.postMessage({ type: 'done', attempt: 1, result: { outcome: 'great' } }); await later(); },
    leavesTimer: () => { setInterval(() => { console.log('late output'); Promise.reject(new Error('late')); }, 5); },
    leavesUnseen: () => { setTimeout(() => { console.log('late output'); throw new Error('late'); }, 5).unref(); },
    throwsAside: async () => { setTimeout(() => { throw new Error('aside'); }, 1); await later(); },
    slow: later,
    tidy: async () => { await promisify(execFile)('true'); await (await fetch('data:,x')).text(); await readFile('/etc/hostname'); },
    sees: ({ conf }) => console.log(typeof conf.id, String(conf.id), String(conf.rate), process.env.RUNBEAT_SECRET, process.env.KEPT),
    cloneless: () => [{ conf: { f: () => 1 } }],
    rounded: () => ({ conf: { user_id: 12345678901234567890 } }),
    runs: () => [{ runId: 'a', conf: { user_id: 1234567890123456789n } }, { conf: {}, logicalDate: new Date(0) }],
  },
};`;

vi.mock(import('../../scheduler/loading/thread.ts'), { spy: true });

const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-threads-'));
const bundleFile = path.join(folder, 'code.mjs');
let pool: ThreadPool;
let strays: string[];

function openPool(limit: number, warm: number): ThreadPool {
  const environment = { KEPT: 'kept' };
  return new ThreadPool({ limit, warm, environment, onStray: (reason) => strays.push(reason) });
}

interface Call {
  timeoutSeconds?: number;
  conf?: string;
  delays?: number[];
  file?: string;
}

async function call(taskId: string, { timeoutSeconds, conf = '{}', delays, file = bundleFile }: Call = {}) {
  let log = '';
  const names = { dagId: 'd', runId: 'r', taskId, tryNumber: 1, logicalDate: null };
  const result: FunctionResult = await pool.run({
    message: { bundleFile: file, ...names, conf, databaseUrl: '', logHalf: 1_000 },
    timeoutSeconds: timeoutSeconds ?? null,
    since: performance.now(),
    onLog: (text) => (log += text),
    onDelay: (milliseconds) => delays?.push(milliseconds),
  });
  return { result, log };
}

const started = (): number => vi.mocked(threads.startThread).mock.calls.length;

beforeEach(() => {
  writeFileSync(bundleFile, CODE);
  strays = [];
  vi.mocked(threads.startThread).mockClear();
});
afterEach(async () => {
  await pool.close();
  rmSync(bundleFile, { force: true });
});

describe('a task function', () => {
  it.each([['postsNull'], ['postsOdd']])('that does what %s says affects only itself', async (taskId) => {
    pool = openPool(2, 2);
    const [odd, slow] = await Promise.all([call(taskId), call('slow')]);
    expect(odd.result).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('posted an invalid message'),
    });
    expect(slow.result.outcome).toBe('success');
  });

  it('that leaves a timer behind has its thread replaced, and nothing of it reaches the next one', async () => {
    pool = openPool(1, 1);
    expect((await call('leavesTimer')).result.outcome).toBe('success');
    expect(await call('slow')).toEqual({ result: expect.objectContaining({ outcome: 'success' }), log: '' });
    expect(started()).toBe(2);
    expect(strays).toEqual([]);
  });

  it('that leaves hidden work behind does not fail other tasks, and its thread is replaced', async () => {
    pool = openPool(1, 1);
    expect((await call('leavesUnseen')).result.outcome).toBe('success');
    expect(await call('slow')).toEqual({ result: expect.objectContaining({ outcome: 'success' }), log: '' });
    expect(strays).toEqual(['Error: late']);
    await call('quick');
    expect(started()).toBe(2);
  });

  it('that waits for everything it has started does not have its thread replaced', async () => {
    pool = openPool(1, 1);
    for (let at = 0; at < 3; at++) expect((await call('tidy')).result.outcome).toBe('success');
    expect(started()).toBe(1);
  });

  it('that throws outside of any catch fails with the reason', async () => {
    pool = openPool(1, 1);
    const { result, log } = await call('throwsAside');
    expect(result).toMatchObject({ outcome: 'failed', message: 'aside' });
    expect(log).toContain('Error: aside');
  });

  it('may take longer than the longest timer of Node', async () => {
    pool = openPool(1, 1);
    const month = 30 * 86_400;
    expect((await call('slow', { timeoutSeconds: month })).result.outcome).toBe('success');
  });

  it('sees large numbers exactly, and no settings of the service', async () => {
    pool = openPool(1, 1);
    const conf = '{"id": 1234567890123456789, "rate": 0.12345678901234567891}';
    expect((await call('sees', { conf })).log).toBe(
      'bigint 1234567890123456789 0.12345678901234567891 undefined kept\n',
    );
  });

  it.each([
    ['cloneless', "the run can't be started: conf.f: must be a JSON value, not a function"],
    ['rounded', "the run can't be started: conf.user_id: JavaScript has rounded this number"],
  ])('that returns runs which can’t be stored (%s) fails with their position', async (taskId, message) => {
    pool = openPool(1, 1);
    expect((await call(taskId)).result).toMatchObject({ outcome: 'failed', message: expect.stringContaining(message) });
  });

  it('returns runs with all digits of their numbers', async () => {
    pool = openPool(1, 1);
    expect((await call('runs')).result).toMatchObject({
      runs: [
        { runId: 'a', conf: '{"user_id":1234567890123456789}' },
        { runId: null, conf: '{}', logicalDate: '1970-01-01T00:00:00.000Z' },
      ],
    });
  });

  it('that had to wait for its thread reports how long', async () => {
    pool = openPool(2, 1);
    const first: number[] = [];
    await call('quick', { delays: first });
    // It has waited for the warm thread to be ready.
    expect(first).not.toEqual([]);
    const second: number[] = [];
    await Promise.all([call('slow'), call('quick', { delays: second })]);
    expect(second[0]).toBeGreaterThan(20);
  });
});

describe('code in a task thread', () => {
  function codeFile(name: string, code: string): string {
    const file = path.join(folder, name);
    writeFileSync(file, code);
    return file;
  }

  it('is imported for 200 versions of DAGs, and then its thread is replaced', async () => {
    pool = openPool(1, 1);
    const files = Array.from({ length: 201 }, (_, at) => codeFile(`version${at}.mjs`, `${CODE}\n// ${at}`));
    for (const file of files.slice(0, 200)) await call('quick', { file });
    expect(started()).toBe(1);
    await call('quick', { file: files[200]! });
    expect((await call('quick', { file: files[200]! })).log).toBe('quick\n');
    expect(started()).toBe(2);
  });

  it('that can’t be imported beforehand does not make other DAGs use a new thread for each task', async () => {
    pool = openPool(1, 1);
    await pool.load(codeFile('broken.mjs', "throw new Error('only here')"));
    for (let at = 0; at < 5; at++) expect((await call('quick')).result.outcome).toBe('success');
    // The thread that failed to import it is replaced once.
    expect(started()).toBe(2);
  });
});

describe('task threads', () => {
  let gates: string[];
  beforeEach(() => {
    gates = [];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    pool = openPool(8, 2);
  });
  afterEach(() => {
    for (const gate of gates) writeFileSync(gate, '');
    vi.useRealTimers();
  });

  function hold(): { gate: string; done: ReturnType<typeof call> } {
    const gate = path.join(folder, `gate${gates.length}`);
    rmSync(gate, { force: true });
    gates.push(gate);
    return { gate, done: call('held', { conf: JSON.stringify({ gate }) }) };
  }

  it('are shared by short tasks: another one is started only for a task that has waited long', async () => {
    const [first] = [hold(), hold()];
    expect(started()).toBe(2);
    hold();
    vi.advanceTimersByTime(20);
    writeFileSync(first.gate, '');
    expect((await first.done).result).toMatchObject({ outcome: 'success' });
    hold();
    // At every moment of these 40 ms some task was waiting, but none waited for 25 ms.
    vi.advanceTimersByTime(20);
    expect(started()).toBe(2);
    vi.advanceTimersByTime(6);
    expect(started()).toBe(3);
  });

  it('are not added while tasks end one after the other, however many wait', async () => {
    const calls = Array.from({ length: 6 }, hold);
    for (let pair = 0; pair < 3; pair++) {
      vi.advanceTimersByTime(15);
      const now = calls.slice(2 * pair, 2 * pair + 2);
      for (const { gate } of now) writeFileSync(gate, '');
      await Promise.all(now.map(({ done }) => done));
    }
    expect(started()).toBe(2);
  });
});
