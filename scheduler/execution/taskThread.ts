import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import type { AuthoredDag } from '../authoring/dag.ts';
import type { TaskContext, TriggeredRun } from '../authoring/types.ts';
import { dagsOf } from '../loading/exports.ts';
import { CappedText } from './cappedText.ts';
import type { FunctionResult, RunMessage, ThreadMessage } from './messages.ts';

/** Runs one task function at a time; what it prints meanwhile is its log. */
const port = parentPort!;
let output: CappedText | null = null;

const tell = (message: ThreadMessage): void => port.postMessage(message);

for (const stream of [process.stdout, process.stderr]) {
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    output?.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    const done = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
    done?.();
    return true;
  }) as typeof stream.write;
}

port.on('message', (message: RunMessage) => void run(message));

async function run(message: RunMessage): Promise<void> {
  const text = new CappedText(message.logHalf, (head) => tell({ type: 'log', text: head }));
  output = text;
  const result = await call(message, text);
  const tail = text.tail();
  tell({ type: 'done', result, tail: tail.text, dropped: tail.dropped });
}

async function call(message: RunMessage, text: CappedText): Promise<FunctionResult> {
  try {
    const value = await (await findFunction(message))(contextOf(message, text) as never);
    return { outcome: 'success', value: value === true, runs: runsOf(value) };
  } catch (error) {
    const { name = '', message: reason = String(error), stack } = error instanceof Error ? error : {};
    if (name === 'SkipTask') return { outcome: 'skipped', reason };
    text.write(`${stack ?? reason}\n`);
    return { outcome: 'failed', message: reason, isFinal: name === 'FailTask' };
  }
}

/** Functions of the files imported so far, by DAG: importing again, even what is there, costs more than a short task. */
const imported = new Map<string, Promise<Map<string, AuthoredDag['functions']>>>();

async function importDags(bundleFile: string): Promise<Map<string, AuthoredDag['functions']>> {
  const module = (await import(pathToFileURL(bundleFile).href)) as Record<string, unknown>;
  return new Map(dagsOf(module).map((dag) => [dag.input.dag_id, dag.functions]));
}

async function findFunction({ bundleFile, dagId, taskId }: RunMessage): Promise<AuthoredDag['functions'][string]> {
  let dags = imported.get(bundleFile);
  if (!dags) {
    dags = importDags(bundleFile);
    imported.set(bundleFile, dags);
    // The next attempt tries anew.
    dags.catch(() => imported.delete(bundleFile));
  }
  const found = (await dags).get(dagId)?.[taskId];
  if (!found) throw new Error(`DAG "${dagId}" has no function for task "${taskId}" in this version of its file.`);
  return found;
}

function contextOf(message: RunMessage, text: CappedText): TaskContext {
  const { dagId, runId, taskId, tryNumber, conf, databaseUrl } = message;
  const logicalDate = message.logicalDate === null ? null : new Date(message.logicalDate);
  return { dagId, runId, taskId, tryNumber, logicalDate, conf, databaseUrl, log: (line) => text.write(`${line}\n`) };
}

/** A trigger's answer, one or many; anything else means none. */
function runsOf(value: unknown): TriggeredRun[] {
  const items = Array.isArray(value) ? value : [value];
  return items.filter(
    (item): item is TriggeredRun => typeof item === 'object' && item !== null && ('conf' in item || 'runId' in item),
  );
}
