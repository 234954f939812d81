import { availableParallelism } from 'node:os';
import { LRUCache } from 'lru-cache';
import type { FunctionResult } from './messages.ts';
import { TaskWorker, type FunctionRun, type Waiting } from './taskWorker.ts';

/** Number of threads that are ready from the start. */
const WARM = Math.min(8, Math.max(2, 2 * availableParallelism()));
/** A task waits this long for a busy thread before another one is started, so that short tasks share few threads. */
const PATIENCE_MS = 25;
/** Maximum number of threads that start at the same time, because starting one keeps a processor busy for a while. */
const MOST_STARTING = availableParallelism();
/** If a timer is later than this, the process is short of CPU time, and its view of the threads is out of date. */
const LATE_TIMER_MS = PATIENCE_MS / 2;
/** An additional thread that has been idle for this long is ended. */
const IDLE_MS = 30_000;
const MOST_LOADED = 50;

export interface ThreadPoolMeans {
  /** Maximum number of tasks that run at once. */
  limit: number;
  /** Number of threads that are ready from the start; by default two for each processor. */
  warm?: number;
  /** The environment that tasks see. */
  environment: NodeJS.ProcessEnv;
  /** Called when something that a try left behind has failed. */
  onStray: (reason: string) => void;
}

interface PooledThread {
  worker: TaskWorker;
  idleTimer: NodeJS.Timeout | null;
}

/**
 * Runs task functions in threads. A function that spins, exits or runs out of memory only ends its own thread. It does not affect
 * the worker's heartbeat or other tasks.
 */
export class ThreadPool {
  private readonly threads = new Set<PooledThread>();
  private readonly queue: Waiting[] = [];
  private readonly warm: number;
  private patience: NodeJS.Timeout | null = null;
  private closed = false;
  /** Code that each new thread imports at its start. */
  private readonly loaded = new LRUCache<string, true>({ max: MOST_LOADED });

  constructor(private readonly means: ThreadPoolMeans) {
    this.warm = Math.min(means.warm ?? WARM, means.limit);
    this.refill();
  }

  run(run: FunctionRun): Promise<FunctionResult> {
    return new Promise((resolve) => {
      this.queue.push({ run, since: performance.now(), resolve });
      this.dispatch();
    });
  }

  /** Lets every thread import this code before a task needs it. Resolves when all present threads have imported it. */
  async load(bundleFile: string): Promise<void> {
    if (this.loaded.get(bundleFile)) return;
    this.loaded.set(bundleFile, true);
    await Promise.all([...this.threads].map(({ worker }) => this.loadInto(worker, bundleFile)));
  }

  /** Lets one thread import the code. If that fails, new threads don't try: each would have to be replaced after its first task. */
  private async loadInto(worker: TaskWorker, bundleFile: string): Promise<void> {
    if (!(await worker.load(bundleFile))) this.loaded.delete(bundleFile);
  }

  /** Ends all threads. Running tries fail. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.patience) clearTimeout(this.patience);
    this.refuse();
    await Promise.all([...this.threads].map(({ worker }) => worker.end('the worker is shutting down')));
  }

  private dispatch(): void {
    if (this.closed) return this.refuse();
    for (const thread of this.threads) {
      if (this.queue.length === 0) return;
      if (thread.worker.isFree) this.give(thread, this.queue.shift()!);
    }
    this.watch(PATIENCE_MS);
  }

  private give(thread: PooledThread, waiting: Waiting): void {
    if (thread.idleTimer) clearTimeout(thread.idleTimer);
    thread.worker.give(waiting);
  }

  /** Checks after this many milliseconds whether the first waiting task has waited too long. */
  private watch(milliseconds: number): void {
    if (this.queue.length === 0 || this.threads.size >= this.means.limit) return;
    const due = performance.now() + milliseconds;
    this.patience ??= setTimeout(() => this.grow(due), milliseconds);
  }

  private refuse(): void {
    for (const { resolve } of this.queue.splice(0)) {
      resolve({ outcome: 'failed', message: 'the worker is shutting down', isFinal: false });
    }
  }

  private grow(due: number): void {
    this.patience = null;
    const first = this.queue[0];
    if (!first) return;
    const left = PATIENCE_MS - (performance.now() - first.since);
    if (left >= 1) return this.watch(left);
    const isLate = performance.now() - due > LATE_TIMER_MS;
    if (!isLate && this.needsAnother()) this.open();
    this.watch(PATIENCE_MS);
  }

  /**
   * Whether to start another thread: only if threads are held by long tasks. If threads end one task after the other, more threads
   * would not make the machine faster, however many tasks wait.
   */
  private needsAnother(): boolean {
    const workers = [...this.threads].map(({ worker }) => worker);
    const starting = workers.filter((worker) => worker.isStarting).length;
    const held = workers.filter((worker) => worker.isHeldFor(PATIENCE_MS)).length;
    return this.threads.size < this.means.limit && starting < MOST_STARTING && workers.length - held < this.warm;
  }

  private open(): PooledThread {
    const worker = new TaskWorker(this.means.environment, {
      onFree: () => this.onFree(thread),
      onGone: () => this.onGone(thread),
      onStray: this.means.onStray,
    });
    const thread: PooledThread = { worker, idleTimer: null };
    for (const file of this.loaded.keys()) void this.loadInto(worker, file);
    this.threads.add(thread);
    return thread;
  }

  private onFree(thread: PooledThread): void {
    if (this.queue.length > 0) return this.give(thread, this.queue.shift()!);
    if (this.threads.size <= this.warm) return;
    thread.idleTimer = setTimeout(() => {
      if (thread.worker.isFree && this.threads.size > this.warm) void thread.worker.end('idle');
    }, IDLE_MS);
    thread.idleTimer.unref();
  }

  private onGone(thread: PooledThread): void {
    if (thread.idleTimer) clearTimeout(thread.idleTimer);
    this.threads.delete(thread);
    // Don't replace a thread that ended before its first task: the new one would end, too.
    if (thread.worker.hasRun) this.refill();
    this.dispatch();
  }

  private refill(): void {
    while (!this.closed && this.threads.size < this.warm) this.open();
  }
}
