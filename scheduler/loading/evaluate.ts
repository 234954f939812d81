import type { Worker } from 'node:worker_threads';
import { startThread } from './thread.ts';

/** What a file may take to be imported. */
const TIMEOUT_MS = 10_000;

/** Imports DAG files in a thread, so that one that hangs, exits or eats memory does no harm here. */
export class Evaluator {
  private thread: Worker | null = null;

  /** Answers the definitions that the file declares, unchecked. Rejects with a message for its author. */
  async evaluate(file: string): Promise<unknown[]> {
    const thread = (this.thread ??= this.start());
    const { inputs, error } = await this.ask(thread, file);
    if (error !== undefined) throw new Error(error);
    return inputs!;
  }

  async close(): Promise<void> {
    const thread = this.thread;
    this.thread = null;
    await thread?.terminate();
  }

  private start(): Worker {
    const limits = { maxOldGenerationSizeMb: 256 };
    const thread = startThread(import.meta.url, 'evaluateThread', {
      resourceLimits: limits,
      stdout: true,
      stderr: true,
    });
    thread.on('error', () => undefined);
    return thread;
  }

  private ask(thread: Worker, file: string): Promise<{ inputs?: unknown[]; error?: string }> {
    return new Promise((resolve) => {
      const settle = (answer: { inputs?: unknown[]; error?: string }, broken: boolean): void => {
        clearTimeout(timer);
        thread.removeAllListeners('message').removeAllListeners('exit').removeAllListeners('error');
        thread.on('error', () => undefined);
        if (broken) void this.close();
        resolve(answer);
      };
      const timer = setTimeout(
        () => settle({ error: `importing it took longer than ${TIMEOUT_MS / 1000} s` }, true),
        TIMEOUT_MS,
      );
      thread.once('message', (answer: { inputs?: unknown[]; error?: string }) => settle(answer, false));
      thread.once('error', (error) => settle({ error: error.message }, true));
      thread.once('exit', (code) => settle({ error: `importing it ended the process (exit ${code})` }, true));
      thread.postMessage(file);
    });
  }
}
