import type { RunDetail, RunTransition, TaskAttempt, TaskInstance } from '../../shared/api.ts';
import { runPageUrl } from '../../shared/grafana.ts';

const START = Date.UTC(2026, 0, 31, 3, 0, 0);
const SOURCE = { source: 'bench', dag_id: 'big', run_id: 'run' } as const;

const LAYERS_PER_GROUP = 5;
const EVERY_RETRIED = 10;

const iso = (ms: number) => new Date(ms).toISOString();

/**
 * A finished run of `count` tasks in layers. Each task waits for two tasks of the previous layer. As in a real run, there are groups,
 * retries and transitions. The result is the same at every call.
 */
export function bigRun(count: number, perLayer: number): RunDetail {
  const tasks = Array.from({ length: count }, (_, at): TaskInstance => {
    const layer = Math.floor(at / perLayer);
    const ready = START + layer * 4_000;
    const isRetried = at % EVERY_RETRIED === 3;
    const [scheduled, queued, start] = [ready + 20, ready + 40, ready + 60 + (at % 7) * 150];
    const end = start + 400 + ((at * 37) % 2_000);
    return {
      task_id: `task_${at}`,
      map_index: -1,
      operator: 'function',
      task_group: `group_${Math.floor(layer / LAYERS_PER_GROUP)}`,
      trigger_rule: 'all_success',
      pool: 'default_pool',
      queue: 'default',
      max_tries: 1,
      usual: null,
      trace_id: null,
      expected_end: null,
      waiting: null,
      external: null,
      earlier_attempts: isRetried ? [failedAttempt(ready)] : [],
      try_number: isRetried ? 2 : 1,
      state: 'success',
      scheduled_at: iso(scheduled),
      queued_at: iso(queued),
      start_date: iso(start),
      end_date: iso(end),
      duration_seconds: (end - start) / 1_000,
      hostname: 'bench',
    };
  });
  const edges = tasks.slice(perLayer).flatMap((task, at) => {
    const layerStart = Math.floor(at / perLayer) * perLayer;
    const upstreams = new Set([at, layerStart + ((at * 7 + 3) % perLayer)]);
    return [...upstreams].map((up) => ({ upstream_task_id: `task_${up}`, downstream_task_id: task.task_id }));
  });
  const links = { graph: runPageUrl(SOURCE, 'graph'), gantt: runPageUrl(SOURCE, 'gantt'), external: null };
  const end = tasks.at(-1)!.end_date;
  const run: RunDetail['run'] = {
    ...SOURCE,
    run_type: 'manual',
    logical_date: iso(START),
    state: 'success',
    queued_at: iso(START),
    start_date: iso(START),
    end_date: end,
    duration_seconds: (Date.parse(end!) - START) / 1_000,
    queue_seconds: 0,
    now: end!,
    expected_end: null,
    keys: { user_id: ['42'] },
    waiting: null,
    gone: false,
    links,
    conf: {},
    clear_number: 0,
    notes: [],
    usual: null,
    trace_id: null,
  };
  return { run, tasks, edges, transitions: transitionsOf(tasks, edges), critical_path: null };
}

/** A first try that failed while the previous layer was running. */
function failedAttempt(ready: number): TaskAttempt {
  const [scheduled, queued, start, end] = [ready - 900, ready - 880, ready - 860, ready - 500];
  return {
    ...{ try_number: 1, state: 'failed', hostname: 'bench', duration_seconds: (end - start) / 1_000 },
    ...{ scheduled_at: iso(scheduled), queued_at: iso(queued), start_date: iso(start), end_date: iso(end) },
  };
}

/** One transition for each task with upstreams: from the upstream that ended last. */
function transitionsOf(tasks: TaskInstance[], edges: RunDetail['edges']): RunTransition[] {
  const byId = new Map(tasks.map((task) => [task.task_id, task]));
  const last = new Map<string, TaskInstance>();
  for (const { upstream_task_id, downstream_task_id } of edges) {
    const upstream = byId.get(upstream_task_id)!;
    const known = last.get(downstream_task_id);
    if (!known || upstream.end_date! > known.end_date!) last.set(downstream_task_id, upstream);
  }
  return [...last].map(([task_id, upstream]) => {
    const [ended_at, started_at] = [upstream.end_date!, byId.get(task_id)!.start_date!];
    const seconds = (Date.parse(started_at) - Date.parse(ended_at)) / 1_000;
    return {
      ...{ upstream_task_id: upstream.task_id, task_id, map_index: -1, ended_at, started_at, seconds },
      stages: { noticed: seconds / 2, queued: seconds / 4, started: seconds / 4 },
    };
  });
}
