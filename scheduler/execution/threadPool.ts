import type { Worker } from 'node:worker_threads';
import { startThread } from '../loading/thread.ts';
import type { FunctionResult, RunMessage, ThreadMessage } from './messages.ts';

/** Threads that stand ready from the start. */
const WARM = 2;
/**
 * A task waits this long for a busy thread before another one is started, and as long again before the next: short tasks
 * then share a few, and a machine that is short of time is not given more threads to start.
 */
const PATIENCE_MS = 25;
/** A thread beyond those that has had nothing to do for so long is ended. */
const IDLE_MS = 30_000;
const MEMORY_MB = 512;

export interface FunctionRun {
  message: RunMessage;
  /** Null for no limit. */
  timeoutSeconds: number | null;
  onLog: (text: string, dropped: number) => void;
}

interface Waiting {
  run: FunctionRun;
  /** Milliseconds, as performance.now(). */
  since: number;
  resolve: (result: FunctionResult) => void;
}

/** One thread and the one attempt that it runs; a thread never has two, so ending it hurts nobody else. */
interface Slot {
  thread: Worker;
  busy: { waiting: Waiting; timer: NodeJS.Timeout | null } | null;
  idleTimer: NodeJS.Timeout | null;
}

/**
 * Runs task functions in threads: one that spins, exits or eats memory takes its own thread with it and leaves the
 * worker's heartbeat and all other tasks alone. `limit` tasks run at once at most.
 */
export class ThreadPool {
  private readonly slots = new Set<Slot>();
  private readonly queue: Waiting[] = [];
  private patience: NodeJS.Timeout | null = null;
  private closed = false;

  constructor(private readonly limit: number) {
    for (let at = 0; at < Math.min(WARM, limit); at++) this.open();
  }

  run(run: FunctionRun): Promise<FunctionResult> {
    return new Promise((resolve) => {
      this.queue.push({ run, since: performance.now(), resolve });
      this.dispatch();
    });
  }

  /** Ends all threads; what still runs is answered as failed. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.patience) clearTimeout(this.patience);
    await Promise.all([...this.slots].map((slot) => this.drop(slot, 'the worker was told to end')));
  }

  private dispatch(): void {
    if (this.closed) return this.refuse();
    for (const slot of this.slots) {
      if (this.queue.length === 0) return;
      if (!slot.busy) this.give(slot, this.queue.shift()!);
    }
    if (this.queue.length === 0) return;
    if (this.slots.size < Math.min(WARM, this.limit)) this.give(this.open(), this.queue.shift()!);
    this.watch(PATIENCE_MS);
  }

  /** Looks after so many milliseconds whether the first that waits has waited too long. */
  private watch(milliseconds: number): void {
    if (this.queue.length > 0 && this.slots.size < this.limit)
      this.patience ??= setTimeout(() => this.grow(), milliseconds);
  }

  private refuse(): void {
    for (const { resolve } of this.queue.splice(0)) {
      resolve({ outcome: 'failed', message: 'the worker was told to end', isFinal: false });
    }
  }

  private grow(): void {
    this.patience = null;
    const first = this.queue[0];
    if (!first) return;
    const left = PATIENCE_MS - (performance.now() - first.since);
    if (left >= 1) return this.watch(left);
    if (this.slots.size < this.limit) this.give(this.open(), this.queue.shift()!);
    this.dispatch();
  }

  private open(): Slot {
    const thread = startThread(import.meta.url, 'taskThread', {
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    const slot: Slot = { thread, busy: null, idleTimer: null };
    this.slots.add(slot);
    thread.on('message', (message: ThreadMessage) => this.onMessage(slot, message));
    thread.on('error', (error) => void this.drop(slot, error.message));
    thread.on('exit', (code) => void this.drop(slot, `the function ended its thread (exit ${code})`));
    return slot;
  }

  private give(slot: Slot, waiting: Waiting): void {
    if (slot.idleTimer) clearTimeout(slot.idleTimer);
    const { timeoutSeconds, message } = waiting.run;
    const onTimeout = (): void => void this.drop(slot, `it ran longer than its limit of ${timeoutSeconds} s`);
    const timer = timeoutSeconds === null ? null : setTimeout(onTimeout, timeoutSeconds * 1000);
    slot.busy = { waiting, timer };
    slot.thread.postMessage(message);
  }

  private onMessage(slot: Slot, message: ThreadMessage): void {
    const { busy } = slot;
    if (!busy) return;
    if (message.type === 'log') return busy.waiting.run.onLog(message.text, 0);
    if (message.tail) busy.waiting.run.onLog(message.tail, message.dropped);
    if (busy.timer) clearTimeout(busy.timer);
    slot.busy = null;
    busy.waiting.resolve(message.result);
    if (this.queue.length > 0) this.give(slot, this.queue.shift()!);
    else if (this.slots.size > WARM) {
      slot.idleTimer = setTimeout(() => !slot.busy && this.slots.size > WARM && void this.drop(slot, 'idle'), IDLE_MS);
      slot.idleTimer.unref();
    }
  }

  private async drop(slot: Slot, reason: string): Promise<void> {
    if (!this.slots.delete(slot)) return;
    const { busy } = slot;
    slot.busy = null;
    if (busy) {
      if (busy.timer) clearTimeout(busy.timer);
      busy.waiting.run.onLog(`Ended: ${reason}\n`, 0);
      busy.waiting.resolve({ outcome: 'failed', message: reason, isFinal: false });
    }
    slot.thread.removeAllListeners('exit');
    await slot.thread.terminate();
    this.dispatch();
  }
}
