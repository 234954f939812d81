import type { RunDetail, TaskAttempt, TaskInstance, Transition } from '../../../shared/api.ts';
import type { DagEdge } from '../../../shared/dag.ts';
import { runPageUrl } from '../../../shared/grafana.ts';
import type { TaskInstanceState } from '../../../shared/states.ts';

/** Runs as the exporter tells of them, made up but in the proportions of real ones; the same input gives the same run. */

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

/** Places each task after its upstreams; what has not ended by `stopAt` (seconds after the start) is running or waiting. */
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
      keys: { user_id: ['42'] },
      links: { graph: runPageUrl(identity, 'graph'), gantt: runPageUrl(identity, 'gantt'), external: null },
      conf: { user_id: 42, application: { id: 'A-42' } },
      clear_number: 0,
      notes: [],
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
      waiting_seconds: 0.02,
      queued_seconds: 0.1,
      running_seconds: work,
    });
    const last: { id: string } | null = lastUpstream(at, placed);
    at = last ? byId.get(last.id) : undefined;
  }
  const sum = (of: (step: (typeof steps)[number]) => number) => steps.reduce((total, step) => total + of(step), 0);
  return {
    steps,
    work_seconds: sum((step) => step.running_seconds),
    scheduler_seconds: sum((step) => step.waiting_seconds),
    slot_seconds: sum((step) => step.queued_seconds),
  };
}

/** About forty tasks in branches that join, as the demo's onboarding has them. */
export const ONBOARDING: readonly TaskPlan[] = [
  { id: 'receive_application', seconds: 0.8, operator: 'TriggerSensor' },
  { id: 'validate_payload', upstreams: ['receive_application'], seconds: 0.5 },
  { id: 'identity.fetch_documents', upstreams: ['validate_payload'], group: 'identity', seconds: 2.4 },
  { id: 'identity.classify_documents', upstreams: ['identity.fetch_documents'], group: 'identity', seconds: 1.9 },
  { id: 'identity.read_passport', upstreams: ['identity.classify_documents'], group: 'identity', seconds: 3.6 },
  { id: 'identity.read_proof_of_address', upstreams: ['identity.classify_documents'], group: 'identity', seconds: 2.9 },
  {
    id: 'identity.match_face',
    upstreams: ['identity.read_passport'],
    group: 'identity',
    seconds: 5.2,
    failedAttempts: [1.4, 1.1],
  },
  { id: 'identity.check_liveness', upstreams: ['identity.fetch_documents'], group: 'identity', seconds: 4.4 },
  {
    id: 'identity.decide',
    upstreams: ['identity.match_face', 'identity.check_liveness', 'identity.read_proof_of_address'],
    group: 'identity',
    seconds: 0.4,
  },
  { id: 'screening.normalise_names', upstreams: ['validate_payload'], group: 'screening', seconds: 0.7 },
  {
    id: 'screening.sanctions_list',
    upstreams: ['screening.normalise_names'],
    group: 'screening',
    mapped: 12,
    seconds: 2.2,
  },
  { id: 'screening.politically_exposed', upstreams: ['screening.normalise_names'], group: 'screening', seconds: 3.1 },
  { id: 'screening.adverse_media', upstreams: ['screening.normalise_names'], group: 'screening', seconds: 6.3 },
  {
    id: 'screening.score',
    upstreams: ['screening.sanctions_list', 'screening.politically_exposed', 'screening.adverse_media'],
    group: 'screening',
    seconds: 0.5,
  },
  { id: 'credit.request_bureau_a', upstreams: ['validate_payload'], group: 'credit', seconds: 4.8, waits: [0.02, 2.6] },
  { id: 'credit.request_bureau_b', upstreams: ['validate_payload'], group: 'credit', seconds: 5.6 },
  { id: 'credit.request_open_banking', upstreams: ['validate_payload'], group: 'credit', seconds: 7.4 },
  {
    id: 'credit.merge_reports',
    upstreams: ['credit.request_bureau_a', 'credit.request_bureau_b'],
    group: 'credit',
    seconds: 1.1,
  },
  { id: 'credit.categorise_transactions', upstreams: ['credit.request_open_banking'], group: 'credit', seconds: 3.2 },
  {
    id: 'credit.affordability',
    upstreams: ['credit.merge_reports', 'credit.categorise_transactions'],
    group: 'credit',
    seconds: 1.6,
  },
  { id: 'credit.limit', upstreams: ['credit.affordability'], group: 'credit', seconds: 0.6 },
  { id: 'risk.device_fingerprint', upstreams: ['receive_application'], group: 'risk', seconds: 1.3 },
  { id: 'risk.velocity_rules', upstreams: ['risk.device_fingerprint'], group: 'risk', seconds: 1.0 },
  { id: 'risk.graph_features', upstreams: ['risk.device_fingerprint'], group: 'risk', seconds: 4.1 },
  { id: 'risk.model_score', upstreams: ['risk.velocity_rules', 'risk.graph_features'], group: 'risk', seconds: 1.8 },
  {
    id: 'join_checks',
    upstreams: ['identity.decide', 'screening.score', 'credit.limit', 'risk.model_score'],
    seconds: 0.3,
    waits: [3.4, 0.2],
  },
  { id: 'decide_application', upstreams: ['join_checks'], seconds: 0.7, operator: 'BranchPythonOperator' },
  { id: 'manual_review', upstreams: ['decide_application'], state: 'skipped' },
  { id: 'send_rejection', upstreams: ['decide_application'], state: 'skipped' },
  { id: 'accounts.create_customer', upstreams: ['decide_application'], group: 'accounts', seconds: 1.4 },
  { id: 'accounts.open_current', upstreams: ['accounts.create_customer'], group: 'accounts', seconds: 2.1 },
  { id: 'accounts.open_savings', upstreams: ['accounts.create_customer'], group: 'accounts', seconds: 1.7 },
  { id: 'accounts.order_card', upstreams: ['accounts.open_current'], group: 'accounts', seconds: 2.8 },
  { id: 'accounts.enable_app', upstreams: ['accounts.create_customer'], group: 'accounts', seconds: 1.2 },
  { id: 'notify.render_letter', upstreams: ['accounts.open_current'], group: 'notify', seconds: 0.9 },
  { id: 'notify.email', upstreams: ['notify.render_letter'], group: 'notify', seconds: 1.5 },
  { id: 'notify.push', upstreams: ['accounts.enable_app'], group: 'notify', seconds: 0.6 },
  { id: 'archive_documents', upstreams: ['identity.decide'], seconds: 2.5 },
  {
    id: 'publish_events',
    upstreams: ['accounts.order_card', 'accounts.open_savings', 'notify.email', 'notify.push'],
    seconds: 0.5,
  },
  { id: 'finish', upstreams: ['publish_events', 'archive_documents'], seconds: 0.2, operator: 'EmptyOperator' },
];

/** The onboarding with a task that fails for good and takes its downstreams along. */
export function failedOnboarding(): RunDetail {
  const lost = new Set(['credit.limit']);
  const plans = ONBOARDING.map((plan): TaskPlan => {
    if (plan.id === 'credit.limit') return { ...plan, state: 'failed', failedAttempts: [0.5, 0.6] };
    if (!plan.upstreams?.some((id) => lost.has(id))) return plan;
    lost.add(plan.id);
    return { ...plan, state: 'upstream_failed', waits: [0.01, 0] };
  });
  return runOf(plans);
}

/** A wide and deep graph: `count` tasks in layers, each after one or two of the layer before. */
export function layeredPlans(count: number, layers: number): TaskPlan[] {
  const next = random(11);
  const perLayer = Math.ceil(count / layers);
  return Array.from({ length: count }, (_, index) => {
    const layer = Math.floor(index / perLayer);
    const place = index % perLayer;
    const near = () => Math.min(perLayer - 1, Math.max(0, place + Math.floor(next() * 5) - 2));
    const upstreams = layer === 0 ? [] : [...new Set([near(), ...(next() < 0.5 ? [near()] : [])])];
    return {
      id: `stage_${layer}.step_${place}`,
      group: layers > 1 && place % 5 === 0 ? `stage_${layer}` : undefined,
      upstreams: upstreams.map((at) => `stage_${layer - 1}.step_${at}`),
      state: next() < 0.01 ? 'failed' : 'success',
    } satisfies TaskPlan;
  });
}
