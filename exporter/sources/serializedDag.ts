import { setImmediate as others } from 'node:timers/promises';
import { inflateSync } from 'node:zlib';
import { setupScopes } from './setupScopes.ts';
import type { DagStructure, LoopPlace, RetryRule, StructureRef, TaskStructure } from './structure.ts';

/** Maximum size of a decompressed serialized DAG. zlib can expand data a thousandfold, and parsing this much takes about 40 ms. */
export const MAX_DAG_BYTES = 8 * 1024 * 1024;

/**
 * Columns of serialized_dag. A value that is too large is not read, because parsing it would delay all other answers. It is read as
 * text, to check its size, and because the driver would parse all rows of a result at once. If the DAG is stored compressed, this
 * column has a JSON null.
 */
export const DAG_DATA = `case when octet_length(s.data::text) <= ${MAX_DAG_BYTES} then nullif(s.data::text, 'null') end as data,
  case when octet_length(s.data_compressed) <= ${MAX_DAG_BYTES} then s.data_compressed end as data_compressed`;

/** After parsing this many tasks, which takes about 10 ms, pending requests are handled. */
const TASKS_AT_ONCE = 2_000;

type Json = Record<string, unknown>;

export interface ScopeRules {
  /** Whether a teardown waits for all tasks between its setups and itself, as since Airflow 3.2. */
  teardownsWait: boolean;
}

/**
 * Reads a row of Airflow's serialized_dag (formats 1 to 3; airflow/serialization/serialized_objects.py). Defaults are not stored
 * there: a missing trigger_rule means all_success. Edges are stored as lists of downstreams, and inverted here.
 */
export async function parseAirflowStructure(
  row: Record<string, unknown>,
  { teardownsWait }: ScopeRules,
): Promise<{ ref: StructureRef; structure: DagStructure }> {
  const ref = { dag_id: row.dag_id as string, version: row.version as string | null };
  const { dag, version } = unpack(row);
  await others();
  return { ref, structure: await structureOf(dag, version, teardownsWait) };
}

function unpack(row: Record<string, unknown>): { dag: Json; version: unknown } {
  const compressed = row.data_compressed as Buffer | null;
  const text =
    (row.data as string | null) ??
    (compressed && inflateSync(compressed, { maxOutputLength: MAX_DAG_BYTES }).toString('utf8'));
  const data: unknown = text && JSON.parse(text);
  const { dag, __version: version } = (data ?? {}) as { dag?: Json; __version?: unknown };
  if (!dag || !Array.isArray(dag.tasks))
    throw new Error(`The serialized DAG ${String(row.dag_id)} has no tasks to read.`);
  return { dag, version };
}

/** A DAG that has its default leaves `catchup` out: true in format 1, which Airflow 2 writes, and false since. */
function catchesUp({ catchup }: Json, version: unknown): boolean {
  return typeof catchup === 'boolean' ? catchup : version === 1;
}

async function structureOf(dag: Json, version: unknown, teardownsWait: boolean): Promise<DagStructure> {
  const operators = (dag.tasks as Json[]).map((task) => (task.__type === 'operator' ? (task.__var as Json) : task));
  const groups = groupsOf((dag.task_group ?? dag._task_group) as Json | undefined);
  const upstreams = new Map<string, string[]>();
  for (const operator of operators) {
    for (const next of (operator.downstream_task_ids as string[] | undefined) ?? []) {
      const known = upstreams.get(next);
      if (known) known.push(operator.task_id as string);
      else upstreams.set(next, [operator.task_id as string]);
    }
  }
  const structure = new Map<string, TaskStructure>();
  const pastWithoutManual = catchesUp(dag, version);
  for (const [at, operator] of operators.entries()) {
    if (at % TASKS_AT_ONCE === 0) await others();
    const taskId = operator.task_id as string;
    const task = taskOf(operator, upstreams.get(taskId) ?? [], groups.get(taskId) ?? NO_GROUP);
    const { loop } = groups.get(taskId) ?? NO_GROUP;
    const opens = !task.upstream_task_ids.some((id) => groups.get(id)?.loop === loop);
    const place = { loop: loop && { ...loop, opens }, past_without_manual: pastWithoutManual, scope_task_ids: [] };
    structure.set(taskId, { ...task, ...place });
  }
  for (const [taskId, ids] of await setupScopes(structure, teardownsWait))
    structure.set(taskId, { ...structure.get(taskId)!, scope_task_ids: ids });
  return structure;
}

function taskOf(
  operator: Json,
  upstreams: string[],
  group: GroupPlace,
): Omit<TaskStructure, 'loop' | 'past_without_manual' | 'scope_task_ids'> {
  // A mapped operator stores the settings of its instances in partial_kwargs.
  const setting = (name: string): unknown => operator[name] ?? (operator.partial_kwargs as Json | undefined)?.[name];
  const type = (operator._task_type ?? operator.task_type ?? null) as string | null;
  return {
    task_id: operator.task_id as string,
    upstream_task_ids: upstreams,
    trigger_rule: String(setting('trigger_rule') ?? 'all_success'),
    is_setup: setting('is_setup') === true,
    is_teardown: setting('is_teardown') === true,
    operator: type,
    task_group: group.name,
    mapped_group: group.mapped,
    depends_on_past: setting('depends_on_past') === true || setting('wait_for_downstream') === true,
    waits_for_downstream: setting('wait_for_downstream') === true,
    max_active_instances: (setting('max_active_tis_per_dag') ?? null) as number | null,
    max_active_per_run: (setting('max_active_tis_per_dagrun') ?? null) as number | null,
    is_sensor: operator._is_sensor === true || /Sensor(Async)?$/.test(type ?? ''),
    is_empty: operator._is_empty === true || type === 'EmptyOperator' || type === 'DummyOperator',
    retry: retryOf(setting),
  };
}

/** Airflow's default of `retry_delay`, which is not stored. */
const DEFAULT_RETRY_SECONDS = 300;

function retryOf(setting: (name: string) => unknown): RetryRule | null {
  const delay = secondsOf(setting('retry_delay') ?? DEFAULT_RETRY_SECONDS);
  const longest = setting('max_retry_delay');
  // `true` means doubling. In 3.x, a number is the factor itself. None and 0 keep the delay constant.
  const backoff = setting('retry_exponential_backoff');
  const factor = typeof backoff === 'number' && backoff > 0 ? backoff : backoff === true ? 2 : 1;
  const max = longest === undefined || longest === null ? null : secondsOf(longest);
  return delay === null ? null : { delay_us: delay * 1e6, factor, max_delay_us: max === null ? null : max * 1e6 };
}

/** A duration is a number, or {"__type": "timedelta", "__var": number}. */
function secondsOf(value: unknown): number | null {
  const plain = typeof value === 'object' && value !== null ? (value as Json).__var : value;
  return typeof plain === 'number' ? plain : null;
}

interface GroupPlace {
  name: string | null;
  mapped: string | null;
  loop: Pick<LoopPlace, 'group' | 'gate'> | null;
}
const NO_GROUP: GroupPlace = { name: null, mapped: null, loop: null };

/** Which group each task is in: `children` is {label: ["operator", task_id] | ["taskgroup", group]}. */
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
    const loop = group.loop as { gate_task_id: string } | undefined;
    walk(group, {
      name,
      mapped: group.is_mapped === true ? name : parent.mapped,
      loop: loop ? { group: String(name), gate: loop.gate_task_id } : parent.loop,
    });
  };
  if (root) walk(root, NO_GROUP);
  return places;
}
