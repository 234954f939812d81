import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseDefinition, type DagDefinition } from '../core/definition.ts';
import { DefinitionError } from '../core/problems.ts';
import { printable } from '../../platform/terminal.ts';
import { contentHash } from '../store/dags.ts';
import { bundleDagFile, type Bundle } from './bundle.ts';
import { bundleFile } from './bundleFiles.ts';
import type { Evaluators } from './evaluate.ts';
import type { FileCache, Reading } from './fileCache.ts';

const CODE = /(?<!\.d)\.(ts|mts|js|mjs)$/;
const YAML = /\.ya?ml$/;
const LARGEST_YAML = 1024 * 1024;
const LARGEST_BUNDLE = 16 * 1024 * 1024;
/** Limits of the stored error message of a file. */
const MOST_LINES = 100;
const LONGEST_LINE = 2_000;

export function isDagFile(file: string): boolean {
  return CODE.test(file) || YAML.test(file);
}

export interface Loading {
  folder: string;
  /** All files of the folder, which an import may find. */
  files: readonly string[];
  evaluators: Evaluators;
  cache: FileCache;
}

/**
 * Returns the file's DAGs, or what is wrong with it. A code file without DAGs is valid, because other files may import it.
 * Files that have not changed are not read again.
 */
export async function loadFile(file: string, loading: Loading): Promise<Reading['result']> {
  const { cache } = loading;
  const names = YAML.test(file) ? '' : loading.files.join('\n');
  const known = cache.fresh(file, names);
  if (known) return known.result;
  const since = Date.now();
  const reading = await read(file, loading);
  if (!loading.evaluators.isClosed) cache.keep(file, reading, names, since);
  return reading.result;
}

async function read(file: string, { folder, evaluators, cache }: Loading): Promise<Reading> {
  const fileloc = path.relative(folder, file);
  const fault = (error: unknown): Reading['result'] => ({ fileloc, message: faultMessage(fileloc, error) });
  let bundle: Bundle;
  try {
    const size = sizeOf(file);
    bundle = YAML.test(file) ? readYaml(file, size) : checkSize(await bundleDagFile(file));
  } catch (error) {
    return { hash: null, sources: [], result: fault(error) };
  }
  const { hash, code, sources } = bundle;
  const known = cache.same(file, hash);
  if (known) return { ...known, sources };
  try {
    const request = YAML.test(file) ? { yaml: code } : { file: bundleFile(hash, code) };
    const dags = checkAll(await evaluators.evaluate(request));
    return { hash, sources, result: { fileloc, bundle: { hash, code }, dags } };
  } catch (error) {
    return { hash, sources, result: fault(error) };
  }
}

/** To read a pipe or a device may take for ever, and stop whoever reads. */
function sizeOf(file: string): number {
  const stats = statSync(file);
  if (!stats.isFile()) throw new DefinitionError(['it is not a regular file']);
  return stats.size;
}

function readYaml(file: string, size: number): Bundle {
  if (size > LARGEST_YAML) throw new DefinitionError([`it has ${size} bytes; it may have ${LARGEST_YAML}`]);
  const code = readFileSync(file, 'utf8');
  return { hash: contentHash(code), code, sources: [file] };
}

function checkSize(bundle: Bundle): Bundle {
  const { length } = bundle.code;
  if (length <= LARGEST_BUNDLE) return bundle;
  throw new DefinitionError([`with all that it imports it has ${length} characters; it may have ${LARGEST_BUNDLE}`]);
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

/**
 * The error message of a file. Every line names the file, so that it is clear by itself. Control characters are replaced and the
 * length is limited, because the file determines the text.
 */
export function faultMessage(fileloc: string, error: unknown): string {
  const lines = error instanceof DefinitionError ? error.problems : (error as Error).message.trim().split('\n');
  const shown = lines.slice(0, MOST_LINES).map((line) => printable(line.slice(0, LONGEST_LINE)).toWellFormed());
  if (lines.length > MOST_LINES) shown.push(`and ${lines.length - MOST_LINES} more lines`);
  return shown.map((line) => `${fileloc}: ${line}`).join('\n');
}
