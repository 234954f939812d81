import type { RunDetail, TaskInstance } from '../../shared/api.ts';
import { runPageUrl } from '../../shared/grafana.ts';

const START = Date.UTC(2026, 0, 31, 3, 0, 0);
const SOURCE = { source: 'bench', dag_id: 'big', run_id: 'run' } as const;

/** A finished run of `count` tasks in layers, each waiting for two of the layer before; the same at every call. */
export function bigRun(count: number, perLayer: number): RunDetail {
  const iso = (ms: number) => new Date(ms).toISOString();
  const tasks = Array.from({ length: count }, (_, at): TaskInstance => {
    const layer = Math.floor(at / perLayer);
    const ready = START + layer * 4_000;
    const [scheduled, queued, start] = [ready + 20, ready + 40, ready + 60 + (at % 7) * 150];
    const end = start + 400 + ((at * 37) % 2_000);
    return {
      task_id: `task_${at}`,
      map_index: -1,
      operator: 'function',
      task_group: null,
      trigger_rule: 'all_success',
      pool: 'default_pool',
      queue: 'default',
      max_tries: 0,
      earlier_attempts: [],
      try_number: 1,
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
    keys: { user_id: ['42'] },
    links,
    conf: {},
    clear_number: 0,
    notes: [],
  };
  return { run, tasks, edges, transitions: [], critical_path: null };
}
