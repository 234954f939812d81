import type { JourneyParent } from '../../shared/journeys.ts';

/** A run that may have started another one. `dagIds`: DAGs that it may belong to; empty if none is named. */
export interface OriginHint {
  dagIds: string[];
  runId: string;
  found_by: JourneyParent['found_by'];
}

const MAX_HINTS = 20;
const MAX_DEPTH = 5;
const MAX_NAME = 250;
/** A run_id in Airflow's format, after a prefix that the author of the DAG chose. */
const QUOTED_RUN_ID = /^(.+?)((?:scheduled|manual|backfill|dataset_triggered|asset_triggered)__.+)$/;

/**
 * Hints in a run to the run that started it. The bundled scheduler records the parent. Airflow does not, but conf may name it
 * (`parent_run_id`, `{"parent": {"dag_id", "run_id"}}`), or the child's run_id may end with the run_id of the parent.
 */
export function originHints(runId: string, triggeredBy: string | null, conf: unknown): OriginHint[] {
  const recorded = triggeredBy === null ? null : recordedOrigin(triggeredBy);
  if (recorded) return [recorded];
  const names = namesIn(conf);
  const fromConf = names.runs.map((id): OriginHint => ({ dagIds: names.dags, runId: id, found_by: 'conf' }));
  // A child may have the same run_id as its parent. Then only the name of a DAG distinguishes them.
  const telling = fromConf.filter((hint) => hint.runId !== runId || hint.dagIds.length > 0);
  return [...telling, ...quotedRunId(runId)].slice(0, MAX_HINTS);
}

/** Parses `dag_id/run_id/task_id`. Only a run_id may contain slashes. */
function recordedOrigin(text: string): OriginHint | null {
  const [, dagId, runId] = /^([^/]+)\/(.+)\/[^/]+$/s.exec(text) ?? [];
  return dagId === undefined ? null : { dagIds: [dagId], runId: runId!, found_by: 'triggered_by' };
}

function quotedRunId(runId: string): OriginHint[] {
  const [, before, quoted] = QUOTED_RUN_ID.exec(runId) ?? [];
  if (before === undefined) return [];
  const name = before.replace(/[^a-zA-Z0-9]+$/, '');
  const dagIds = [name, ...name.split('__')].filter((part) => part !== '');
  return [{ dagIds: [...new Set(dagIds)], runId: quoted!, found_by: 'run_id' }];
}

/** Texts in a conf whose names mention a run or a DAG. */
function namesIn(conf: unknown): { runs: string[]; dags: string[] } {
  const found = { runs: new Set<string>(), dags: new Set<string>() };
  const walk = (value: unknown, name: string, depth: number): void => {
    if (typeof value === 'string') {
      if (value === '' || value.length > MAX_NAME) return;
      // `dag_run_id` means a run.
      if (/run/i.test(name)) found.runs.add(value);
      else if (/dag/i.test(name)) found.dags.add(value);
    } else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
      for (const [key, inner] of Object.entries(value)) walk(inner, Array.isArray(value) ? name : key, depth + 1);
    }
  };
  walk(conf, '', 0);
  return { runs: [...found.runs].slice(0, MAX_HINTS), dags: [...found.dags].slice(0, MAX_HINTS) };
}

/** The parents of each node, without those that would create a cycle. Nodes are visited in the order of the map. */
export function withoutCircles<Node, Edge>(
  parents: ReadonlyMap<Node, readonly Edge[]>,
  parentOf: (edge: Edge) => Node,
): Map<Node, Edge[]> {
  const kept = new Map<Node, Edge[]>();
  const open = new Set<Node>();
  const visit = (node: Node): void => {
    if (kept.has(node)) return;
    const edges: Edge[] = [];
    kept.set(node, edges);
    open.add(node);
    for (const edge of parents.get(node) ?? []) {
      if (open.has(parentOf(edge))) continue;
      visit(parentOf(edge));
      edges.push(edge);
    }
    open.delete(node);
  };
  for (const node of parents.keys()) visit(node);
  return kept;
}
