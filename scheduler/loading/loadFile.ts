import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DefinitionError, parseDefinition, type DagDefinition } from '../core/definition.ts';
import { contentHash, type FileFault, type LoadedFile } from '../store/dags.ts';
import { bundleDagFile, type Bundle } from './bundle.ts';
import { bundleFile } from './bundleFiles.ts';
import type { Evaluator } from './evaluate.ts';
import { readYamlDag } from './yaml.ts';

const CODE = /(?<!\.d)\.(ts|mts|js|mjs)$/;
const YAML = /\.ya?ml$/;

export function isDagFile(file: string): boolean {
  return CODE.test(file) || YAML.test(file);
}

/** Answers the file's DAGs, or its fault; a code file that declares none is no fault: others import it. */
export async function loadFile(folder: string, file: string, evaluator: Evaluator): Promise<LoadedFile | FileFault> {
  const fileloc = path.relative(folder, file);
  try {
    const { bundle, inputs } = YAML.test(file) ? readYaml(file) : await readCode(file, evaluator);
    return { fileloc, bundle, dags: checkAll(inputs) };
  } catch (error) {
    return { fileloc, message: faultMessage(fileloc, error) };
  }
}

function readYaml(file: string): { bundle: Bundle; inputs: unknown[] } {
  const text = readFileSync(file, 'utf8');
  return { bundle: { hash: contentHash(text), code: text }, inputs: [readYamlDag(text)] };
}

async function readCode(file: string, evaluator: Evaluator): Promise<{ bundle: Bundle; inputs: unknown[] }> {
  const bundle = await bundleDagFile(file);
  return { bundle, inputs: await evaluator.evaluate(bundleFile(bundle.hash, bundle.code)) };
}

function checkAll(inputs: unknown[]): DagDefinition[] {
  const problems: string[] = [];
  const dags = inputs.flatMap((input) => {
    try {
      return [parseDefinition(input)];
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      const dagId = (input as { dag_id?: unknown }).dag_id;
      problems.push(
        ...error.problems.map((problem) => (typeof dagId === 'string' ? `DAG "${dagId}": ${problem}` : problem)),
      );
      return [];
    }
  });
  const ids = dags.map((dag) => dag.dag_id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice !== undefined) problems.push(`DAG "${twice}": dag_id: is used twice in this file`);
  if (problems.length > 0) throw new DefinitionError(problems);
  return dags;
}

/** Every line names the file, so that a line by itself says where to look. */
function faultMessage(fileloc: string, error: unknown): string {
  const lines = error instanceof DefinitionError ? error.problems : (error as Error).message.trim().split('\n');
  return lines.map((line) => `${fileloc}: ${line}`).join('\n');
}
