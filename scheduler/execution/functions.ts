import { pathToFileURL } from 'node:url';
import type { AuthoredDag } from '../authoring/dag.ts';
import { dagsOf } from '../loading/exports.ts';

/** Node never unloads a module, so a thread that has imported more than this is replaced. */
const MOST_MODULES = 200;

type Functions = ReadonlyMap<string, AuthoredDag['functions']>;

/** Functions of the imported files, by DAG. Importing a module again costs more than a short task, even if Node has cached it. */
const imported = new Map<string, Promise<Functions>>();
let modules = 0;
let hasFailed = false;

/** Imports the functions of a DAG file's code. Rejects if the code can't be imported; the next call tries again. */
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

/** Why this thread should be replaced because of its imports, or null. Node never retries an import that failed. */
export function importsSpent(): string | null {
  if (hasFailed) return 'the code of a DAG could not be imported';
  return modules > MOST_MODULES ? 'it has imported the code of too many DAGs' : null;
}

async function importDags(bundleFile: string): Promise<Functions> {
  const module = (await import(pathToFileURL(bundleFile).href)) as Record<string, unknown>;
  return new Map(dagsOf(module).map((dag) => [dag.input.dag_id, dag.functions]));
}
