import type { MetricDefinition } from './definition.ts';

/** Promises, and the DAGs they are for. */
export const PROMISE_METRICS = {
  promiseRuns: {
    name: 'runbeat_promise_runs_total',
    type: 'counter',
    help: 'Verdicts on a promise: kept or broken, one for each run (ends_within, starts_within), journey, day (done_by) or success (succeeded_within).',
    labels: ['source', 'dag_id', 'promise', 'verdict'],
  },
  promiseLimit: {
    name: 'runbeat_promise_limit_seconds',
    type: 'gauge',
    help: 'Time limit of the promise; absent for done_by.',
    labels: ['source', 'dag_id', 'promise'],
  },
  promiseShare: {
    name: 'runbeat_promise_share',
    type: 'gauge',
    help: 'Share of the runs or journeys that must end or start in time; 1 for done_by and succeeded_within.',
    labels: ['source', 'dag_id', 'promise'],
  },
  promiseOverdue: {
    name: 'runbeat_promise_overdue_seconds',
    type: 'gauge',
    help: 'How long done_by or succeeded_within has been broken; 0 while it is kept.',
    labels: ['source', 'dag_id', 'promise'],
  },
  promiseRemaining: {
    name: 'runbeat_promise_remaining_seconds',
    type: 'gauge',
    help: 'Time until done_by or succeeded_within is broken unless a run succeeds before then; 0 when it is broken.',
    labels: ['source', 'dag_id', 'promise'],
  },
  promisePeriod: {
    name: 'runbeat_promise_period_seconds',
    type: 'gauge',
    help: 'Usual time from one run of the DAG to the next, by which alerts choose their windows. Only for ends_within and starts_within; for a journey, that of the DAG that decides.',
    labels: ['source', 'dag_id', 'promise'],
  },
  dagInfo: {
    name: 'runbeat_dag_info',
    type: 'gauge',
    help: 'Always 1; carries the owner and the tags of the DAG (sorted, joined by commas).',
    labels: ['source', 'dag_id', 'owner', 'tags'],
  },
  dagLastRun: {
    name: 'runbeat_dag_last_run_timestamp_seconds',
    type: 'gauge',
    help: 'When the newest finished run of the DAG ended.',
    labels: ['source', 'dag_id'],
  },
  dagLastSuccess: {
    name: 'runbeat_dag_last_success_timestamp_seconds',
    type: 'gauge',
    help: 'When the newest successful run of the DAG ended.',
    labels: ['source', 'dag_id'],
  },
  dagUsual: {
    name: 'runbeat_dag_usual_duration_seconds',
    type: 'gauge',
    help: 'p95 of the durations of the last successful runs of the DAG (at most 32).',
    labels: ['source', 'dag_id'],
  },
} as const satisfies Record<string, MetricDefinition>;
