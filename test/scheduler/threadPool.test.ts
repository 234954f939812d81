import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FunctionResult } from '../../scheduler/execution/messages.ts';
import { ThreadPool } from '../../scheduler/execution/threadPool.ts';
import * as threads from '../../scheduler/loading/thread.ts';

/** A task that is under way until its gate opens, in a thread that has nothing else to do meanwhile. */
const HELD = `
export default {
  [Symbol.for('runbeat.dag')]: true,
  input: { dag_id: 'held' },
  functions: { held: ({ conf }) => void Atomics.wait(new Int32Array(conf.gate), 0, 0) },
};`;

vi.mock(import('../../scheduler/loading/thread.ts'), { spy: true });

describe('task threads', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-threads-'));
  const bundleFile = path.join(folder, 'held.mjs');
  const gates: Int32Array[] = [];
  let pool: ThreadPool;

  beforeEach(() => {
    writeFileSync(bundleFile, HELD);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    pool = new ThreadPool(8);
  });
  afterEach(async () => {
    for (const gate of gates) open(gate);
    vi.useRealTimers();
    await pool.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function open(gate: Int32Array): void {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  }

  function hold(): { gate: Int32Array; done: Promise<FunctionResult> } {
    const gate = new Int32Array(new SharedArrayBuffer(4));
    gates.push(gate);
    const names = { dagId: 'held', runId: 'r', taskId: 'held', tryNumber: 1, logicalDate: null };
    const message = { bundleFile, ...names, conf: { gate: gate.buffer }, databaseUrl: '', logHalf: 100 };
    return { gate, done: pool.run({ message, timeoutSeconds: null, onLog: () => undefined }) };
  }

  const started = (): number => vi.mocked(threads.startThread).mock.calls.length;

  it('are shared by short tasks: another one comes only for a task that has waited long itself', async () => {
    const [first] = [hold(), hold()];
    expect(started()).toBe(2);
    hold();
    vi.advanceTimersByTime(20);
    open(first.gate);
    expect(await first.done).toMatchObject({ outcome: 'success' });
    hold();
    // Somebody has waited at any time of these 40 ms, but nobody for 25.
    vi.advanceTimersByTime(20);
    expect(started()).toBe(2);
    vi.advanceTimersByTime(6);
    expect(started()).toBe(3);
  });
});
