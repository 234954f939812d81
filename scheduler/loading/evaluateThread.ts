import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { DefinitionError } from '../core/problems.ts';
import { stringifyJson } from '../../platform/json.ts';
import { confProblems } from './confs.ts';
import type { Evaluation, EvaluationAnswer, EvaluationRequest, Source } from './evaluate.ts';
import { dagsOf } from './exports.ts';
import { readYamlDag } from './yaml.ts';

/** Reads the requested DAG files, one at a time, and returns what they declare. */
parentPort!.on('message', ({ id, source }: EvaluationRequest) => {
  void evaluate(source).then((evaluation) => parentPort!.postMessage({ id, evaluation } satisfies EvaluationAnswer));
});

async function evaluate(source: Source): Promise<Evaluation> {
  try {
    const inputs = 'yaml' in source ? [readYamlDag(source.yaml)] : await importDags(source.file);
    const problems = inputs.flatMap((input) => confProblems(input).map((line) => `${nameOf(input)}${line}`));
    // Serialize here, so that a value that expands a lot (such as the same list a thousand times) does so in this thread.
    return problems.length > 0 ? { problems } : { inputs: stringifyJson(inputs, { replacer: namedNumber }) };
  } catch (error) {
    if (error instanceof DefinitionError) return { problems: [...error.problems] };
    return { problems: [error instanceof Error ? `${error.name}: ${error.message}` : String(error)] };
  }
}

/** Replaces NaN and Infinity by their names, which the validation refuses. JSON would turn them into null, which may be valid. */
function namedNumber(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

async function importDags(file: string): Promise<unknown[]> {
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  return dagsOf(module).map((dag) => dag.input);
}

function nameOf(input: unknown): string {
  const dagId = (input as { dag_id?: unknown }).dag_id;
  return typeof dagId === 'string' ? `DAG "${dagId}": ` : '';
}
