import { inflateSync } from 'node:zlib';
import type { DagStructure, StructureRef, TaskStructure } from './structure.ts';

/** A serialized DAG larger than this, unpacked, is refused: zlib unfolds a thousandfold. */
const MAX_BYTES = 64 * 1024 * 1024;

type Json = Record<string, unknown>;

/**
 * Reads a row of Airflow's serialized_dag (formats 1 to 3; airflow/serialization/serialized_objects.py). Only what is not
 * a default is stored there: no trigger_rule means all_success. Edges stand as downstream lists and are turned round here.
 */
export function parseAirflowStructure(row: Record<string, unknown>): { ref: StructureRef; structure: DagStructure } {
  const ref = { dag_id: row.dag_id as string, version: row.version as string | null };
  return { ref, structure: structureOf(unpack(row)) };
}

function unpack(row: Record<string, unknown>): Json {
  const compressed = row.data_compressed as Buffer | null;
  const data =
    row.data ?? (compressed && JSON.parse(inflateSync(compressed, { maxOutputLength: MAX_BYTES }).toString('utf8')));
  const dag = (data as { dag?: Json } | null)?.dag;
  if (!dag || !Array.isArray(dag.tasks))
    throw new Error(`The serialized DAG ${String(row.dag_id)} has no tasks to read.`);
  return dag;
}

function structureOf(dag: Json): DagStructure {
  const operators = (dag.tasks as Json[]).map((task) => (task.__type === 'operator' ? (task.__var as Json) : task));
  const groups = groupsOf((dag.task_group ?? dag._task_group) as Json | undefined);
  const upstreams = new Map<string, string[]>();
  for (const operator of operators) {
    for (const next of (operator.downstream_task_ids as string[] | undefined) ?? []) {
      upstreams.set(next, [...(upstreams.get(next) ?? []), operator.task_id as string]);
    }
  }
  return new Map(
    operators.map((operator) => {
      const taskId = operator.task_id as string;
      return [taskId, taskOf(operator, upstreams.get(taskId) ?? [], groups.get(taskId) ?? NO_GROUP)];
    }),
  );
}

function taskOf(operator: Json, upstreams: string[], group: GroupPlace): TaskStructure {
  // A mapped operator keeps the settings of its instances apart.
  const setting = (name: string): unknown => operator[name] ?? (operator.partial_kwargs as Json | undefined)?.[name];
  return {
    task_id: operator.task_id as string,
    upstream_task_ids: upstreams,
    trigger_rule: String(setting('trigger_rule') ?? 'all_success'),
    is_setup: setting('is_setup') === true,
    is_teardown: setting('is_teardown') === true,
    operator: (operator._task_type ?? operator.task_type ?? null) as string | null,
    task_group: group.name,
    mapped_group: group.mapped,
    depends_on_past: setting('depends_on_past') === true || setting('wait_for_downstream') === true,
    max_active_instances: (setting('max_active_tis_per_dag') ?? null) as number | null,
  };
}

interface GroupPlace {
  name: string | null;
  mapped: string | null;
}
const NO_GROUP: GroupPlace = { name: null, mapped: null };

/** Which group each task stands in: `children` is {label: ["operator", task_id] | ["taskgroup", group]}. */
function groupsOf(root: Json | undefined): Map<string, GroupPlace> {
  const places = new Map<string, GroupPlace>();
  const walk = (group: Json, place: GroupPlace): void => {
    for (const child of Object.values((group.children ?? {}) as Record<string, [string, unknown]>)) {
      if (child[0] === 'operator') places.set(String(child[1]), place);
      else walkGroup(child[1] as Json, place);
    }
  };
  const walkGroup = (group: Json, parent: GroupPlace): void => {
    const name = (group._group_id ?? group.group_id ?? parent.name) as string | null;
    walk(group, { name, mapped: group.is_mapped === true ? name : parent.mapped });
  };
  if (root) walk(root, NO_GROUP);
  return places;
}
