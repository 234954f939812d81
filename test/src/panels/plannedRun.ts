import type { RunDetail, TaskAttempt, TaskInstance, TimeParts, Transition } from '../../../shared/api.ts';
import type { DagEdge } from '../../../shared/dag.ts';
import { runPageUrl } from '../../../shared/grafana.ts';
import type { TaskInstanceState } from '../../../shared/states.ts';

/** Runs as the exporter returns them, simulated with realistic proportions. The same input gives the same run. */

export const RUN_START = Date.parse('2026-03-14T02:59:30.000Z');

export interface TaskPlan {
  id: string;
  upstreams?: string[];
  seconds?: number;
  /** Upstream end → queued_at, and queued_at → start, in seconds. */
  waits?: [scheduler: number, slot: number];
  group?: string;
  operator?: string;
  state?: TaskInstanceState;
  /** Seconds of earlier attempts that failed. */
  failedAttempts?: number[];
  mapped?: number;
}

export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const iso = (ms: number) => new Date(ms).toISOString();
const LINKS = { graph: '', gantt: '', external: null };

interface Placed {
  instances: TaskInstance[];
  end: number | null;
}

/** Places each task after its upstreams. Tasks that have not ended by `stopAt` (seconds after the start) are running or waiting. */
export function runOf(
  plans: readonly TaskPlan[],
  stopAt = Infinity,
  runId = 'manual__2026-03-14T02:59:30+00:00',
): RunDetail {
  const identity = { source: 'runbeat', dag_id: 'onboarding', run_id: runId };
  const placed = new Map<string, Placed>();
  const next = random(7);
  for (const plan of plans) {
    const ends = (plan.upstreams ?? []).map((id) => placed.get(id)?.end ?? null);
    const readyAt = ends.some((end) => end === null) ? null : Math.max(RUN_START, ...(ends as number[]));
    const count = plan.mapped ?? 1;
    const instances = Array.from({ length: count }, (_, index) =>
      placeTask(plan, plan.mapped === undefined ? -1 : index, readyAt, RUN_START + stopAt * 1000, next),
    );
    const open = instances.some((task) => task.end_date === null);
    placed.set(plan.id, {
      instances,
      end: open ? null : Math.max(...instances.map((task) => Date.parse(task.end_date!))),
    });
  }
  const tasks = [...placed.values()].flatMap((each) => each.instances);
  const edges = plans.flatMap((plan) =>
    (plan.upstreams ?? []).map((id): DagEdge => ({ upstream_task_id: id, downstream_task_id: plan.id })),
  );
  const transitions = plans.flatMap((plan) => transitionsOf(plan, placed, identity));
  const live = tasks.some((task) => task.end_date === null);
  const failed = tasks.some((task) => task.state === 'failed');
  const end = live ? null : Math.max(RUN_START, ...tasks.map((task) => Date.parse(task.end_date!)));
  return {
    run: {
      ...identity,
      run_type: 'manual',
      logical_date: iso(RUN_START),
      state: live ? 'running' : failed ? 'failed' : 'success',
      queued_at: iso(RUN_START - 300),
      start_date: iso(RUN_START),
      end_date: end === null ? null : iso(end),
      duration_seconds: end === null ? null : (end - RUN_START) / 1000,
      queue_seconds: 0.3,
      now: iso(end ?? RUN_START + stopAt * 1000),
      expected_end: null,
      waiting: null,
      keys: { user_id: ['42'] },
      gone: false,
      links: { graph: runPageUrl(identity, 'graph'), gantt: runPageUrl(identity, 'gantt'), external: null },
      conf: { user_id: 42, application: { id: 'A-42' } },
      clear_number: 0,
      notes: [],
      usual: null,
      trace_id: null,
    },
    tasks,
    edges,
    transitions,
    critical_path: criticalPathOf(plans, placed),
  };
}

function placeTask(
  plan: TaskPlan,
  mapIndex: number,
  readyAt: number | null,
  stop: number,
  next: () => number,
): TaskInstance {
  const seconds = (plan.seconds ?? 0.6 + next() * 3) * (mapIndex < 0 ? 1 : 0.5 + next());
  const [scheduler, slot] = plan.waits ?? [0.004 + next() * 0.05, 0.01 + next() * 0.2];
  const earlier: TaskAttempt[] = [];
  let ready = readyAt ?? Infinity;
  for (const failedSeconds of plan.failedAttempts ?? []) {
    const attempt = attemptAt(earlier.length + 1, ready, scheduler, slot, failedSeconds, 'failed', stop);
    if (attempt.end_date === null) break;
    earlier.push(attempt);
    ready = Date.parse(attempt.end_date) + 2000;
  }
  const newest = attemptAt(earlier.length + 1, ready, scheduler, slot, seconds, plan.state ?? 'success', stop);
  return {
    ...newest,
    task_id: plan.id,
    map_index: mapIndex,
    operator: plan.operator ?? 'PythonOperator',
    task_group: plan.group ?? null,
    trigger_rule: 'all_success',
    pool: 'default_pool',
    queue: 'default',
    max_tries: 2,
    usual: null,
    trace_id: null,
    expected_end: null,
    external: null,
    waiting: null,
    earlier_attempts: earlier,
  };
}

function attemptAt(
  tryNumber: number,
  ready: number,
  scheduler: number,
  slot: number,
  seconds: number,
  outcome: TaskInstanceState,
  stop: number,
): TaskAttempt {
  const decided = outcome === 'skipped' || outcome === 'upstream_failed';
  const queuedAt = ready + scheduler * 1000;
  const startAt = decided ? queuedAt : queuedAt + slot * 1000;
  const endAt = decided ? startAt : startAt + seconds * 1000;
  const known = (at: number) => (at <= stop ? iso(at) : null);
  const state = endAt <= stop ? outcome : startAt <= stop ? 'running' : queuedAt <= stop ? 'queued' : null;
  return {
    try_number: tryNumber,
    state,
    scheduled_at: decided ? null : known(ready + scheduler * 600),
    queued_at: decided ? null : known(queuedAt),
    start_date: known(startAt),
    end_date: known(endAt),
    duration_seconds: endAt <= stop ? (endAt - startAt) / 1000 : null,
    hostname: startAt <= stop && !decided ? 'worker-1' : null,
  };
}

function transitionsOf(
  plan: TaskPlan,
  placed: ReadonlyMap<string, Placed>,
  identity: { source: string; dag_id: string; run_id: string },
): Transition[] {
  const last = lastUpstream(plan, placed);
  if (last === null) return [];
  return placed.get(plan.id)!.instances.flatMap((task) => {
    const first = task.earlier_attempts[0] ?? task;
    if (first.start_date === null || first.queued_at === null) return [];
    return {
      ...identity,
      upstream_task_id: last.id,
      task_id: plan.id,
      map_index: task.map_index,
      ended_at: iso(last.end),
      started_at: first.start_date,
      seconds: (Date.parse(first.start_date) - last.end) / 1000,
      stages: { noticed: null, queued: null, started: null },
      links: LINKS,
    };
  });
}

function lastUpstream(plan: TaskPlan, placed: ReadonlyMap<string, Placed>): { id: string; end: number } | null {
  let last: { id: string; end: number } | null = null;
  for (const id of plan.upstreams ?? []) {
    const end = placed.get(id)!.end;
    if (end === null) return null;
    if (last === null || end > last.end) last = { id, end };
  }
  return last;
}

/** Parts of the critical path, none of which took any time. */
export const NO_TIME: TimeParts = {
  scheduler_seconds: 0,
  slot_seconds: 0,
  work_seconds: 0,
  retry_seconds: 0,
  past_seconds: 0,
  sensor_seconds: 0,
  deferred_seconds: 0,
  unknown_seconds: 0,
};

function criticalPathOf(plans: readonly TaskPlan[], placed: ReadonlyMap<string, Placed>): RunDetail['critical_path'] {
  const ended = plans.filter((plan) => placed.get(plan.id)!.end !== null);
  if (ended.length === 0) return null;
  const byId = new Map(plans.map((plan) => [plan.id, plan]));
  let at: TaskPlan | undefined = ended.reduce((a, b) => (placed.get(b.id)!.end! > placed.get(a.id)!.end! ? b : a));
  const steps: NonNullable<RunDetail['critical_path']>['steps'] = [];
  while (at) {
    const slowest: TaskInstance = placed.get(at.id)!.instances.reduce((a, b) => (b.end_date! > a.end_date! ? b : a));
    const work = slowest.duration_seconds ?? 0;
    steps.unshift({
      task_id: at.id,
      map_index: slowest.map_index,
      state: slowest.state,
      ...NO_TIME,
      scheduler_seconds: 0.02,
      slot_seconds: 0.1,
      work_seconds: work,
    });
    const last: { id: string } | null = lastUpstream(at, placed);
    at = last ? byId.get(last.id) : undefined;
  }
  const sum = (of: (step: (typeof steps)[number]) => number) => steps.reduce((total, step) => total + of(step), 0);
  return {
    steps,
    ...NO_TIME,
    work_seconds: sum((step) => step.work_seconds),
    scheduler_seconds: sum((step) => step.scheduler_seconds),
    slot_seconds: sum((step) => step.slot_seconds),
    tail_seconds: 0,
  };
}
