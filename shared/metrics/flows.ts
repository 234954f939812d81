import { RUN_BUCKETS, TASK_BUCKETS, TRANSITION_BUCKETS } from './buckets.ts';
import type { MetricDefinition } from './definition.ts';

/** How long transitions, tasks and runs take, and how they end. */
export const FLOW_METRICS = {
  taskTransition: {
    name: 'runbeat_task_transition_seconds',
    type: 'histogram',
    help: 'From the end of the last upstream that a task waited for to the start of the task.',
    labels: ['source', 'dag_id'],
    buckets: TRANSITION_BUCKETS,
  },
  taskTransitionStage: {
    name: 'runbeat_task_transition_stage_seconds',
    type: 'histogram',
    help: 'Parts of a transition: noticed by the scheduler, queued for a slot, started by the executor.',
    labels: ['source', 'dag_id', 'stage'],
    buckets: TRANSITION_BUCKETS,
  },
  taskTransitionNegative: {
    name: 'runbeat_task_transition_negative_total',
    type: 'counter',
    help: 'Transitions whose next task started before its upstream ended, because the clocks of two machines differ. They are in no histogram.',
    labels: ['source', 'dag_id'],
  },
  taskQueue: {
    name: 'runbeat_task_queue_seconds',
    type: 'histogram',
    help: 'From the hand-over to the executor to the start of the task, for every task that ran.',
    labels: ['source', 'dag_id'],
    buckets: TRANSITION_BUCKETS,
  },
  taskDuration: {
    name: 'runbeat_task_duration_seconds',
    type: 'histogram',
    help: 'From start to end of a finished try of a task.',
    labels: ['source', 'dag_id', 'task_id'],
    buckets: TASK_BUCKETS,
  },
  runDuration: {
    name: 'runbeat_run_duration_seconds',
    type: 'histogram',
    help: 'From start to end of a finished DAG run.',
    labels: ['source', 'dag_id', 'state'],
    buckets: RUN_BUCKETS,
  },
  runQueue: {
    name: 'runbeat_run_queue_seconds',
    type: 'histogram',
    help: 'From queued to started, for every finished DAG run.',
    labels: ['source', 'dag_id'],
    buckets: TRANSITION_BUCKETS,
  },
  runsFinished: {
    name: 'runbeat_runs_finished_total',
    type: 'counter',
    help: 'DAG runs that reached a final state.',
    labels: ['source', 'dag_id', 'state'],
  },
  tasksFinished: {
    name: 'runbeat_tasks_finished_total',
    type: 'counter',
    help: 'Task instances that reached a final state.',
    labels: ['source', 'dag_id', 'state'],
  },
} as const satisfies Record<string, MetricDefinition>;
