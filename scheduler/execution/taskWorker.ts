import type { Worker } from 'node:worker_threads';
import { startThread } from '../loading/thread.ts';
import { after, type LongTimer } from './longTimer.ts';
import { readThreadMessage, sharedNow, type FunctionResult, type RunMessage } from './messages.ts';

const MEMORY_MB = 512;

/** One try of a function. */
export interface FunctionRun {
  message: Omit<RunMessage, 'type' | 'attempt' | 'givenAt' | 'tellStart'>;
  /** Null for no limit. */
  timeoutSeconds: number | null;
  onLog: (text: string, dropped: number) => void;
  /** When the start of the try was recorded, in milliseconds of performance.now(). */
  since: number;
  /**
   * Called with the delay if the function begins late; called again if the delay turns out to be longer, which is certain only when
   * the function has ended.
   */
  onDelay?: (milliseconds: number) => void;
}

export interface Waiting {
  run: FunctionRun;
  /** Since when it waits for a thread, in milliseconds of performance.now(). */
  since: number;
  resolve: (result: FunctionResult) => void;
}

export interface TaskWorkerEvents {
  /** Called when it has nothing to do: it has just started, or its task has ended. */
  onFree: () => void;
  /** Called when it has ended or is about to end. */
  onGone: () => void;
  /** Called when something that a try left behind has failed. */
  onStray: (reason: string) => void;
}

/** If a start is later than this, because the try waited for its thread or code, the database is updated. */
const LATE_MS = 5;
let attempts = 0;

/** A thread that runs one try at a time, so ending it does not affect other tries. */
export class TaskWorker {
  private readonly thread: Worker;
  private busy: { waiting: Waiting; attempt: number; timer: LongTimer | null; since: number; noted: number } | null =
    null;
  private hasBegun = false;
  private isGone = false;
  /** Callbacks for when code was imported, or could not be. */
  private readonly loading = new Map<string, (isThere: boolean) => void>();
  private isUsed = false;

  constructor(
    environment: NodeJS.ProcessEnv,
    private readonly events: TaskWorkerEvents,
  ) {
    this.thread = startThread(import.meta.url, 'taskThread', {
      env: environment,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB },
    });
    this.thread.once('online', () => this.onOnline());
    this.thread.on('message', (message: unknown) => this.onMessage(message));
    this.thread.on('error', (error) => void this.end(error.message));
    this.thread.on('exit', (code) => void this.end(`the function ended its thread (exit ${code})`));
  }

  get isFree(): boolean {
    return this.hasBegun && this.busy === null && !this.isGone;
  }

  /** Whether the thread is being started and does not run yet. */
  get isStarting(): boolean {
    return !this.hasBegun && !this.isGone;
  }

  /** Whether its task has run for this long. */
  isHeldFor(milliseconds: number): boolean {
    return this.busy !== null && performance.now() - this.busy.since >= milliseconds;
  }

  /** Whether it has run a task. */
  get hasRun(): boolean {
    return this.isUsed;
  }

  /** Imports the code now, so that its first function need not wait for that. Returns false if it can't be imported. */
  load(bundleFile: string): Promise<boolean> {
    if (this.isGone) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.loading.set(bundleFile, resolve);
      this.thread.postMessage({ type: 'load', bundleFile });
    });
  }

  give(waiting: Waiting): void {
    const { timeoutSeconds, message } = waiting.run;
    const onTimeout = (): void => void this.end(`it ran longer than its limit of ${timeoutSeconds} s`);
    const timer = timeoutSeconds === null ? null : after(timeoutSeconds * 1000, onTimeout);
    const attempt = ++attempts;
    this.busy = { waiting, attempt, timer, since: performance.now(), noted: 0 };
    // Importing code for its first task may take long. After that, a thread calls a function immediately.
    const tellStart = !this.isUsed;
    this.isUsed = true;
    this.thread.postMessage({ ...message, type: 'run', attempt, givenAt: sharedNow(), tellStart } satisfies RunMessage);
    if (!tellStart) this.noteDelay(0);
  }

  /** Ends the thread. The try that it runs fails. */
  async end(reason: string): Promise<void> {
    if (this.isGone) return;
    this.isGone = true;
    this.busy?.waiting.run.onLog(`Ended: ${reason}\n`, 0);
    this.answer({ outcome: 'failed', message: reason, isFinal: false });
    for (const resolve of this.loading.values()) resolve(true);
    this.events.onGone();
    this.thread.removeAllListeners('exit');
    await this.thread.terminate();
  }

  private onOnline(): void {
    if (this.isGone) return;
    this.hasBegun = true;
    this.events.onFree();
  }

  private onMessage(posted: unknown): void {
    if (this.isGone) return;
    const message = readThreadMessage(posted);
    if (message === null) return void this.end('the function posted an invalid message to the worker');
    if (message.type === 'stray') return this.events.onStray(message.reason);
    if (message.type === 'loaded') return this.onLoaded(message);
    const { busy } = this;
    // Ignore messages of earlier tries.
    if (message.attempt !== busy?.attempt) return;
    const { run } = busy.waiting;
    if (message.type === 'log') return run.onLog(message.text, 0);
    if (message.handOverMs !== null) this.noteDelay(message.handOverMs);
    if (message.type === 'started') return;
    if (message.tail) run.onLog(message.tail, message.dropped);
    this.answer(message.result);
    if (message.spent !== null) void this.end(message.spent);
    else this.events.onFree();
  }

  private onLoaded({ bundleFile, isThere }: { bundleFile: string; isThere: boolean }): void {
    this.loading.get(bundleFile)?.(isThere);
    this.loading.delete(bundleFile);
  }

  /** Reports a late start: the try waited before it was given to the thread, and then for `handOverMs`. */
  private noteDelay(handOverMs: number): void {
    const busy = this.busy!;
    const { run } = busy.waiting;
    const milliseconds = busy.since - run.since + handOverMs;
    if (milliseconds - busy.noted <= LATE_MS) return;
    busy.noted = milliseconds;
    run.onDelay?.(milliseconds);
  }

  private answer(result: FunctionResult): void {
    const { busy } = this;
    this.busy = null;
    busy?.timer?.cancel();
    busy?.waiting.resolve(result);
  }
}
