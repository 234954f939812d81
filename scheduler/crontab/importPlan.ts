import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { parseDefinition, type DagInput } from '../core/definition.ts';
import { DefinitionError } from '../core/problems.ts';
import { readYamlDag } from '../loading/yaml.ts';
import { importNameOf, isImported, toYaml } from './toYaml.ts';

export interface PlannedDag {
  dagId: string;
  text: string;
  change: 'new' | 'changed' | 'unchanged';
}

export interface ImportPlan {
  write: PlannedDag[];
  /** DAGs of this import whose line is no longer in the crontab. */
  gone: string[];
  /** DAGs of version 0.1.0 that match no line. That version did not record the name of the import, so their owner is unknown. */
  unknown: string[];
}

/**
 * Plans an import. `existing` has the texts of the files of earlier imports by DAG id. Several crontabs may be imported into one
 * folder under different names. Each import only changes its own DAGs.
 */
export function planImport(
  dags: readonly DagInput[],
  existing: ReadonlyMap<string, string>,
  importName: string,
): ImportPlan {
  const write = dags.map((dag): PlannedDag => {
    const dagId = ownId(dag.dag_id, existing, importName);
    const text = toYaml({ ...dag, dag_id: dagId }, importName);
    const before = existing.get(dagId);
    return { dagId, text, change: before === undefined ? 'new' : before === text ? 'unchanged' : 'changed' };
  });
  const wanted = new Set(write.map(({ dagId }) => dagId));
  const commands = new Set(dags.map(commandOf));
  const plan: ImportPlan = { write, gone: [], unknown: [] };
  for (const [dagId, text] of existing) {
    if (wanted.has(dagId) || !isImported(text)) continue;
    const owner = importNameOf(text);
    // A file with the command of one of these lines, but another time or time zone, is that line before it was edited.
    if (owner === importName || (owner === null && commands.has(commandIn(text) ?? ''))) plan.gone.push(dagId);
    else if (owner === null) plan.unknown.push(dagId);
  }
  return plan;
}

/** Why the scheduler would refuse the file, or null. */
export function planProblem(dag: DagInput): string | null {
  try {
    const read = parseDefinition(readYamlDag(toYaml(dag, '')));
    return isDeepStrictEqual(read, parseDefinition(dag)) ? null : 'it cannot be written as YAML';
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems.join('; ');
    throw error;
  }
}

/** A DAG id that no other import uses: the same line in the crontab of another import is another job. */
function ownId(dagId: string, existing: ReadonlyMap<string, string>, importName: string): string {
  const text = existing.get(dagId);
  const owner = text === undefined || !isImported(text) ? importName : importNameOf(text);
  if (owner === importName || owner === null) return dagId;
  return `${dagId}_${createHash('sha256').update(importName).digest('hex').slice(0, 6)}`;
}

function commandOf(dag: DagInput): string {
  return JSON.stringify([dag.owner ?? null, dag.tasks[0]?.shell?.command]);
}

function commandIn(text: string): string | null {
  try {
    return commandOf(readYamlDag(text) as DagInput);
  } catch {
    return null;
  }
}
