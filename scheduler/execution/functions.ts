import { pathToFileURL } from 'node:url';
import type { AuthoredDag } from '../authoring/dag.ts';
import { dagsOf } from '../loading/exports.ts';

/** Node never unloads a module, so a thread that has imported this many is replaced. */
const MOST_MODULES = 200;

type Functions = ReadonlyMap<string, AuthoredDag['functions']>;

/** Functions of the files imported so far, by DAG: importing again, even what is there, costs more than a short task. */
const imported = new Map<string, Promise<Functions>>();
let modules = 0;
let hasFailed = false;

/** The functions of a DAG file's code. Rejects when the code can't be imported; the next call tries again. */
export function loadFunctions(bundleFile: string): Promise<Functions> {
  const known = imported.get(bundleFile);
  if (known) return known;
  modules++;
  const functions = importDags(bundleFile);
  imported.set(bundleFile, functions);
  functions.catch(() => {
    imported.delete(bundleFile);
    hasFailed = true;
  });
  return functions;
}

/** Why this thread's imports should be left behind, or null. Node never imports again what once failed. */
export function importsSpent(): string | null {
  if (hasFailed) return 'the code of a DAG could not be imported';
  return modules > MOST_MODULES ? 'it has imported the code of many DAGs' : null;
}

async function importDags(bundleFile: string): Promise<Functions> {
  const module = (await import(pathToFileURL(bundleFile).href)) as Record<string, unknown>;
  return new Map(dagsOf(module).map((dag) => [dag.input.dag_id, dag.functions]));
}
