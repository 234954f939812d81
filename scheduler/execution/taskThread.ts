import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { parseJson } from '../../platform/json.ts';
import type { TaskContext } from '../authoring/types.ts';
import { CappedText } from './cappedText.ts';
import { importsSpent, loadFunctions } from './functions.ts';
import { sharedNow, type Done, type FunctionResult, type RunMessage } from './messages.ts';
import type { ThreadMessage, ThreadRequest } from './messages.ts';
import { wantedRuns } from './wantedRuns.ts';

/** Runs one task function at a time. Output, and errors that occur later, are attributed to the try whose code caused them. */
interface Running {
  attempt: number;
  /** See Done. */
  handOverMs: number | null;
  text: CappedText;
  /** Whether its result is known. Nothing that its code does later changes it. */
  isOver: boolean;
  /** Kinds of resources that kept the thread alive before the function was called. */
  openBefore: readonly string[];
}

const port = parentPort!;
const contexts = new AsyncLocalStorage<Running>();
let current: Running | null = null;
/** Whether something that an earlier try left behind has failed. */
let isTainted = false;

const tell = (message: ThreadMessage): void => port.postMessage(message);

for (const stream of [process.stdout, process.stderr]) {
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const running = contexts.getStore() ?? current;
    if (running && !running.isOver)
      running.text.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    const done = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
    done?.();
    return true;
  }) as typeof stream.write;
}

process.on('uncaughtException', onStray);
process.on('unhandledRejection', onStray);

port.on('message', (request: ThreadRequest) => {
  if (request.type === 'run') return void run(request);
  const { bundleFile } = request;
  const loaded = (isThere: boolean): void => tell({ type: 'loaded', bundleFile, isThere });
  // If it can't be imported, the try that needs it reports the reason.
  loadFunctions(bundleFile).then(
    () => loaded(true),
    () => loaded(false),
  );
});

async function run(message: RunMessage): Promise<void> {
  const { attempt } = message;
  const text = new CappedText(message.logHalf, (head) => tell({ type: 'log', attempt, text: head }));
  const running: Running = {
    attempt,
    handOverMs: null,
    text,
    isOver: false,
    openBefore: process.getActiveResourcesInfo(),
  };
  current = running;
  const result = await contexts.run(running, () => call(message, running));
  if (running.isOver) return;
  running.isOver = true;
  const leftOpen = await openedSince(running.openBefore);
  tellDone(running, result, spentReason(leftOpen));
}

function tellDone(running: Running, result: FunctionResult, spent: string | null): void {
  if (current === running) current = null;
  const tail = running.text.tail();
  const { attempt, handOverMs } = running;
  tell({ type: 'done', attempt, handOverMs, result, tail: tail.text, dropped: tail.dropped, spent } satisfies Done);
}

function spentReason(leftOpen: readonly string[]): string | null {
  if (leftOpen.length > 0) return `the function left something open: ${leftOpen.join(', ')}`;
  if (isTainted) return 'an earlier function failed after its end';
  return importsSpent();
}

async function call(message: RunMessage, running: Running): Promise<FunctionResult> {
  const { dagId, taskId } = message;
  try {
    const found = (await loadFunctions(message.bundleFile)).get(dagId)?.[taskId];
    if (!found) throw new Error(`DAG "${dagId}" has no function for task "${taskId}" in this version of its file.`);
    // Resources that the import has opened belong to the module and stay open.
    running.openBefore = process.getActiveResourcesInfo();
    const handOverMs = (running.handOverMs = sharedNow() - message.givenAt);
    if (message.tellStart) tell({ type: 'started', attempt: message.attempt, handOverMs });
    const value: unknown = await found(contextOf(message, running) as never);
    return { outcome: 'success', value: value === true, runs: wantedRuns(value) };
  } catch (error) {
    return failureOf(error, running.text);
  }
}

function failureOf(error: unknown, text: CappedText): FunctionResult {
  const { name = '', message: reason = describe(error), stack } = error instanceof Error ? error : {};
  if (name === 'SkipTask') return { outcome: 'skipped', reason: String(reason) };
  text.write(`${stack ?? reason}\n`);
  return { outcome: 'failed', message: String(reason), isFinal: name === 'FailTask' };
}

/** Turns of the event loop to wait for resources that are just closing, such as pipes of a process that has ended. */
const CLOSING_TURNS = 20;

/** Kinds of resources that keep the thread alive now but did not before. */
async function openedSince(before: readonly string[]): Promise<string[]> {
  let opened = opensBeyond(before);
  for (let turn = 0; turn < CLOSING_TURNS && opened.length > 0; turn++) {
    await pause(1);
    opened = opensBeyond(before);
  }
  return [...new Set(opened)];
}

function opensBeyond(before: readonly string[]): string[] {
  const opened = process.getActiveResourcesInfo();
  for (const kind of before) {
    const at = opened.indexOf(kind);
    if (at >= 0) opened.splice(at, 1);
  }
  return opened;
}

/** Handles an uncaught error: it ends only the attempt whose code threw it. */
function onStray(error: unknown): void {
  const running = contexts.getStore() ?? current;
  if (running && !running.isOver) {
    running.isOver = true;
    return tellDone(running, failureOf(error, running.text), 'the function threw an uncaught error');
  }
  isTainted = true;
  // The end of this try is just being examined, which replaces the thread anyway.
  if (running !== null && running === current) return;
  tell({ type: 'stray', reason: describe(error) });
}

function describe(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return "something that can't be shown as text";
  }
}

function contextOf(message: RunMessage, running: Running): TaskContext {
  const { dagId, runId, taskId, tryNumber, databaseUrl } = message;
  const logicalDate = message.logicalDate === null ? null : new Date(message.logicalDate);
  const conf = parseJson(message.conf) as Record<string, unknown>;
  const log = (line: string): void => {
    if (!running.isOver) running.text.write(`${line}\n`);
  };
  return { dagId, runId, taskId, tryNumber, logicalDate, conf, databaseUrl, log };
}
