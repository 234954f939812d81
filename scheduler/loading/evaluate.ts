import type { Worker } from 'node:worker_threads';
import { parseJson } from '../../platform/json.ts';
import { DefinitionError } from '../core/problems.ts';
import { startThread } from './thread.ts';

/** A module to import, or the text of a YAML file. */
export type Source = { file: string } | { yaml: string };
export interface EvaluationRequest {
  id: number;
  source: Source;
}
/** The definitions that a file declares, as a JSON list, or its problems, one line each. */
export type Evaluation = { inputs: string } | { problems: string[] };
export interface EvaluationAnswer {
  id: number;
  evaluation: Evaluation;
}

/** Time and memory limits for reading one file. */
const TIMEOUT_MS = 10_000;
const MEMORY_MB = 256;
/** Maximum number of characters of all definitions of a file as JSON. */
const LARGEST = 16 * 1024 * 1024;

/** Reads DAG files in threads, so that a file that hangs, exits or runs out of memory does not affect this process. */
export class Evaluators {
  private readonly idle: Worker[] = [];
  private readonly threads = new Set<Worker>();
  private requests = 0;
  /** Whether it is closed. Evaluations that were running at that time fail, which says nothing about their files. */
  isClosed = false;

  /** Returns the definitions that the file declares, not validated yet. Rejects with a DefinitionError for its author. */
  async evaluate(source: Source): Promise<unknown[]> {
    const evaluation = await this.read(source);
    if ('problems' in evaluation) throw new DefinitionError(evaluation.problems);
    const { length } = evaluation.inputs;
    if (length > LARGEST)
      throw new DefinitionError([`its DAGs have ${length} characters as JSON; they may have ${LARGEST}`]);
    return parseJson(evaluation.inputs) as unknown[];
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.threads].map((thread) => thread.terminate()));
  }

  private async read(source: Source): Promise<Evaluation> {
    const used = this.idle.pop();
    const first = used && (await this.ask(used, source));
    // If a used thread broke, an earlier file may be the cause, so try again in a new one.
    const answer = first && !('broken' in first) ? first : await this.ask(this.start(), source);
    return 'broken' in answer ? { problems: [answer.broken] } : answer;
  }

  private start(): Worker {
    const resourceLimits = { maxOldGenerationSizeMb: MEMORY_MB };
    const thread = startThread(import.meta.url, 'evaluateThread', { resourceLimits, stdout: true, stderr: true });
    this.threads.add(thread);
    thread.on('error', () => undefined).once('exit', () => this.forget(thread));
    return thread;
  }

  /** Forgets an ended thread. A file may end its thread after it was read, and a request to it would wait for the time limit. */
  private forget(thread: Worker): void {
    this.threads.delete(thread);
    const at = this.idle.indexOf(thread);
    if (at >= 0) this.idle.splice(at, 1);
  }

  private ask(thread: Worker, source: Source): Promise<Evaluation | { broken: string }> {
    if (this.isClosed) return Promise.resolve({ broken: 'it was not read' });
    const id = ++this.requests;
    return new Promise((resolve) => {
      const finish = (answer: Evaluation | { broken: string }): void => {
        clearTimeout(timer);
        thread.off('message', onMessage).off('error', onError).off('exit', onExit);
        if ('broken' in answer) void thread.terminate();
        else this.idle.push(thread);
        resolve(answer);
      };
      const fail = (broken: string): void => finish({ broken });
      // Ignore other messages: they come from this file or an earlier one.
      const onMessage = (message: EvaluationAnswer | null): void => {
        if (message?.id === id) finish(message.evaluation);
      };
      const onError = (error: Error): void => fail(error.message);
      const onExit = (code: number): void => fail(`importing it ended the process (exit ${code})`);
      const timer = setTimeout(() => fail(`importing it took longer than ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS);
      thread.on('message', onMessage).on('error', onError).on('exit', onExit);
      thread.postMessage({ id, source } satisfies EvaluationRequest);
    });
  }
}
