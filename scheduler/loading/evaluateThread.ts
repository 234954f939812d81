import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { dagsOf } from './exports.ts';

/** Imports the DAG files that it is told, one at a time, and answers what they declare. */
parentPort!.on('message', (file: string) => {
  void evaluate(file).then((answer) => parentPort!.postMessage(answer));
});

async function evaluate(file: string): Promise<{ inputs?: unknown[]; error?: string }> {
  try {
    const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
    // Through JSON: what can't be stored (functions, cycles) must fail here, not later.
    return { inputs: JSON.parse(JSON.stringify(dagsOf(module).map((dag) => dag.input))) as unknown[] };
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}
