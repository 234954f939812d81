import type { MetricDefinition } from './definition.ts';

/** What runs and waits now: active work, workers, queues and pools. */
export const WORKLOAD_METRICS = {
  runsActive: {
    name: 'runbeat_runs_active',
    type: 'gauge',
    help: 'DAG runs that are queued or running now.',
    labels: ['source', 'dag_id', 'state'],
  },
  tasksActive: {
    name: 'runbeat_tasks_active',
    type: 'gauge',
    help: 'Unfinished task instances of active runs, by state (none = the scheduler has not set a state yet).',
    labels: ['source', 'dag_id', 'state'],
  },
  oldestActiveRunAge: {
    name: 'runbeat_oldest_active_run_age_seconds',
    type: 'gauge',
    help: 'Age of the oldest active run of the DAG, counted from its start, or from when it was queued.',
    labels: ['source', 'dag_id'],
  },
  workerTasksRunning: {
    name: 'runbeat_worker_tasks_running',
    type: 'gauge',
    help: 'Task instances running now, by the host that runs them and their queue.',
    labels: ['source', 'hostname', 'queue'],
  },
  queueBacklog: {
    name: 'runbeat_queue_backlog',
    type: 'gauge',
    help: 'Task instances handed to the executor that no worker has started yet.',
    labels: ['source', 'queue'],
  },
  queueOldestAge: {
    name: 'runbeat_queue_oldest_task_age_seconds',
    type: 'gauge',
    help: 'Age of the oldest task instance that was handed to the executor and that no worker has started; 0 when there is none.',
    labels: ['source', 'queue'],
  },
  poolSlots: {
    name: 'runbeat_pool_slots',
    type: 'gauge',
    help: 'Slots of a pool; -1 = unlimited.',
    labels: ['source', 'pool'],
  },
  poolSlotsUsed: {
    name: 'runbeat_pool_slots_used',
    type: 'gauge',
    help: 'Slots of a pool that queued and running task instances hold.',
    labels: ['source', 'pool'],
  },
} as const satisfies Record<string, MetricDefinition>;
