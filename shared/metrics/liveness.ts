import type { MetricDefinition } from './definition.ts';

/** Whether a source can be read, whether its schedulers and components are alive, and whether ready work waits. */
export const LIVENESS_METRICS = {
  sourceUp: {
    name: 'runbeat_source_up',
    type: 'gauge',
    help: 'Whether the observed database could be read at the last poll (1) or not (0).',
    labels: ['source'],
  },
  leading: {
    name: 'runbeat_exporter_leading',
    type: 'gauge',
    help: 'Whether this exporter is the leader, which counts and writes the index (1), or serves the counters of the leader (0).',
    labels: ['source'],
  },
  sourceInfo: {
    name: 'runbeat_source_info',
    type: 'gauge',
    help: 'Always 1; carries the kind of the observed database and its version.',
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
    help: 'Measured difference between a clock and the clock of the observed database, positive when ahead: clock = exporter, or scheduler (the one with the largest difference).',
    labels: ['source', 'clock'],
  },
  componentAlive: {
    name: 'runbeat_component_alive',
    type: 'gauge',
    help: 'Whether this scheduler, triggerer or DAG processor is alive (1) or has missed its heartbeat (0).',
    labels: ['source', 'component', 'instance'],
  },
  componentHeartbeatAge: {
    name: 'runbeat_component_heartbeat_age_seconds',
    type: 'gauge',
    help: 'Now minus the latest heartbeat of this component, by the database clock.',
    labels: ['source', 'component', 'instance'],
  },
  importErrors: {
    name: 'runbeat_import_errors',
    type: 'gauge',
    help: 'DAG files that cannot be imported; absent if the role may not read them.',
    labels: ['source'],
  },
  dagsUnparsed: {
    name: 'runbeat_dags_unparsed',
    type: 'gauge',
    help: 'DAGs that have not been parsed for ten minutes.',
    labels: ['source'],
  },
  deferredUnserved: {
    name: 'runbeat_deferred_unserved',
    type: 'gauge',
    help: 'Deferred task instances that no live triggerer serves; absent if the role may not read them.',
    labels: ['source'],
  },
  outagesTotal: {
    name: 'runbeat_outages_total',
    type: 'counter',
    help: 'Intervals in which no scheduler was alive, including the current one.',
    labels: ['source'],
  },
  outageSeconds: {
    name: 'runbeat_outage_active_seconds',
    type: 'gauge',
    help: 'How long no scheduler has been alive; 0 while one is alive, absent if none has ever been seen.',
    labels: ['source'],
  },
  oldestReadyTaskAge: {
    name: 'runbeat_oldest_ready_task_age_seconds',
    type: 'gauge',
    help: 'Age of the oldest ready work (a task whose upstreams are done, or a queued or due run) that no pause, pool or limit holds back and that no scheduler acts on, counted from when it could first have been scheduled; 0 when there is none.',
    labels: ['source'],
  },
} as const satisfies Record<string, MetricDefinition>;
