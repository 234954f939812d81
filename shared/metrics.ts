/**
 * Every metric that the exporter serves. Registration, docs/metrics.md and the checks of alerts and dashboards all come
 * from this table, so a name can't exist in one place only.
 */

export type MetricType = 'gauge' | 'counter' | 'histogram';

export interface MetricDefinition {
  name: string;
  type: MetricType;
  help: string;
  labels: readonly string[];
  /** Upper bounds in seconds; histograms only. */
  buckets?: readonly number[];
}

/** Lines that are promised, in seconds. Their histograms have them as bounds always, so that a share below one is counted. */
export const TRANSITION_LINE = 3;
export const RUN_LINE = 180;

export const TRANSITION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300] as const;

export const RUN_BUCKETS = [1, 5, 10, 30, 60, 90, 120, 150, 180, 240, 300, 600, 1800, 3600, 21600] as const;

export const TASK_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 180, 600, 3600] as const;

export const METRICS = {
  sourceUp: {
    name: 'runbeat_source_up',
    type: 'gauge',
    help: 'Whether the observed database could be read at the last poll (1) or not (0).',
    labels: ['source'],
  },
  sourceInfo: {
    name: 'runbeat_source_info',
    type: 'gauge',
    help: 'Always 1; carries what kind of database is observed and its version.',
    labels: ['source', 'kind', 'version'],
  },
  sourceLag: {
    name: 'runbeat_source_lag_seconds',
    type: 'gauge',
    help: 'Now minus the moment up to which all changes of the observed database have been read.',
    labels: ['source'],
  },
  schedulersAlive: {
    name: 'runbeat_schedulers_alive',
    type: 'gauge',
    help: 'Schedulers whose heartbeat is younger than the threshold.',
    labels: ['source'],
  },
  schedulerAlive: {
    name: 'runbeat_scheduler_alive',
    type: 'gauge',
    help: 'Whether this scheduler is alive (1) or has missed its heartbeat (0).',
    labels: ['source', 'scheduler'],
  },
  schedulerHeartbeatAge: {
    name: 'runbeat_scheduler_heartbeat_age_seconds',
    type: 'gauge',
    help: 'Now minus the latest heartbeat of this scheduler, by the database clock.',
    labels: ['source', 'scheduler'],
  },
  clockSkew: {
    name: 'runbeat_clock_skew_seconds',
    type: 'gauge',
    help: 'Measured difference of a clock to the clock of the observed database, positive when ahead: clock = exporter, or scheduler (the one that is furthest off).',
    labels: ['source', 'clock'],
  },
  outagesTotal: {
    name: 'runbeat_outages_total',
    type: 'counter',
    help: 'Intervals in which no scheduler was alive, counted when they end.',
    labels: ['source'],
  },
  outageSeconds: {
    name: 'runbeat_outage_active_seconds',
    type: 'gauge',
    help: 'Length so far of the present interval without a live scheduler; 0 when one is alive.',
    labels: ['source'],
  },
  oldestReadyTaskAge: {
    name: 'runbeat_oldest_ready_task_age_seconds',
    type: 'gauge',
    help: 'Age of the oldest work that is ready (a task whose upstreams are done, a queued or due run), held back by no pause, pool or limit, and that nobody schedules; 0 when there is none.',
    labels: ['source'],
  },
  taskTransition: {
    name: 'runbeat_task_transition_seconds',
    type: 'histogram',
    help: 'End of the last upstream waited for to the start of the next task.',
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
    help: 'Transitions whose next task started before its upstream ended: clocks of two machines differ. They are in no histogram.',
    labels: ['source', 'dag_id'],
  },
  taskQueue: {
    name: 'runbeat_task_queue_seconds',
    type: 'histogram',
    help: 'Handed to the executor to started, of every task that ran.',
    labels: ['source', 'dag_id'],
    buckets: TRANSITION_BUCKETS,
  },
  taskDuration: {
    name: 'runbeat_task_duration_seconds',
    type: 'histogram',
    help: 'Start to end of a finished attempt of a task.',
    labels: ['source', 'dag_id', 'task_id'],
    buckets: TASK_BUCKETS,
  },
  runDuration: {
    name: 'runbeat_run_duration_seconds',
    type: 'histogram',
    help: 'Start to end of a finished DAG run.',
    labels: ['source', 'dag_id', 'state'],
    buckets: RUN_BUCKETS,
  },
  runQueue: {
    name: 'runbeat_run_queue_seconds',
    type: 'histogram',
    help: 'Queued to started, of every finished DAG run.',
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
  runsActive: {
    name: 'runbeat_runs_active',
    type: 'gauge',
    help: 'DAG runs that are queued or running now.',
    labels: ['source', 'dag_id', 'state'],
  },
  tasksActive: {
    name: 'runbeat_tasks_active',
    type: 'gauge',
    help: 'Unfinished task instances of active runs, by state (none = nothing decided yet).',
    labels: ['source', 'dag_id', 'state'],
  },
  oldestActiveRunAge: {
    name: 'runbeat_oldest_active_run_age_seconds',
    type: 'gauge',
    help: 'Now minus the start (or the queueing) of the oldest active run of the DAG.',
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
  collectorDuration: {
    name: 'runbeat_collector_duration_seconds',
    type: 'gauge',
    help: 'Duration of the last run of this collector.',
    labels: ['source', 'collector'],
  },
  collectorSuccess: {
    name: 'runbeat_collector_success',
    type: 'gauge',
    help: 'Whether the last run of this collector succeeded (1) or not (0).',
    labels: ['source', 'collector'],
  },
  catchupProgress: {
    name: 'runbeat_catchup_progress',
    type: 'gauge',
    help: 'Share of the history that has been indexed for the lookup, 0 to 1.',
    labels: ['source'],
  },
  confRefused: {
    name: 'runbeat_conf_refused_total',
    type: 'counter',
    help: 'Runs whose conf could not be read for business keys, by reason.',
    labels: ['source', 'reason'],
  },
  seriesFolded: {
    name: 'runbeat_series_folded_total',
    type: 'counter',
    help: 'Observations counted under "_other" because the metric had reached its limit of label sets.',
    labels: ['source', 'metric'],
  },
  buildInfo: {
    name: 'runbeat_build_info',
    type: 'gauge',
    help: 'Always 1; carries the version of the exporter.',
    labels: ['version'],
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricKey = keyof typeof METRICS;
