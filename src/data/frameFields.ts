/**
 * Names of the fields in the frames that the data source returns and the panels read. A panel accepts any frame with these fields, so
 * it also works with transformations and other data sources.
 */

/** `frame.meta.custom.runbeat` of each kind of frame, by which Grafana suggests the panels. */
export const FRAME_KINDS = {
  lookup: 'lookup',
  runs: 'runs',
  runTasks: 'run_tasks',
  graphNodes: 'run_graph_nodes',
  graphEdges: 'run_graph_edges',
  transitions: 'transitions',
  schedulers: 'schedulers',
  outages: 'outages',
  journey: 'journey',
} as const;
export type FrameKind = (typeof FRAME_KINDS)[keyof typeof FRAME_KINDS];

/** Contents of `meta.custom` in our frames. */
export interface FrameCustom {
  runbeat?: FrameKind;
  /** Ids of a lookup without a run. */
  missing?: readonly string[];
  /** The source's time of the response, in epoch milliseconds. */
  now?: number | null;
}

export function customOf(frame: { meta?: { custom?: unknown } }): FrameCustom {
  return (frame.meta?.custom ?? {}) as FrameCustom;
}

/**
 * Query type "Run tasks": one row per try. Rows with the same source, dag_id, run_id, task_id and map_index are tries of one task
 * instance; the highest try_number is the newest. Times are epoch milliseconds, null if the source has no timestamp.
 */
export const RUN_TASKS_FIELDS = {
  source: 'source',
  dagId: 'dag_id',
  runId: 'run_id',
  taskId: 'task_id',
  /** −1 for a task that is not mapped. */
  mapIndex: 'map_index',
  tryNumber: 'try_number',
  state: 'state',
  operator: 'operator',
  taskGroup: 'task_group',
  pool: 'pool',
  queue: 'queue',
  hostname: 'hostname',
  scheduledAt: 'scheduled_at',
  queuedAt: 'queued_at',
  startDate: 'start_date',
  endDate: 'end_date',
  durationSeconds: 'duration_seconds',
  /** End of the last upstream that the task waited for; the run's start for a task without upstreams. */
  upstreamEndedAt: 'upstream_ended_at',
  onCriticalPath: 'on_critical_path',
  /** Why its newest try does not proceed, as a sentence; null if it is running or has ended. */
  waiting: 'waiting',
  /** Median duration of the task in the last successful runs. */
  usualSeconds: 'usual_seconds',
  /** When it will end, by usual durations. */
  expectedEnd: 'expected_end',
  /** JSON list of task_ids; a comma-separated list is accepted, too. */
  upstreamTaskIds: 'upstream_task_ids',
} as const;

/** Query type "Run graph": names of the frames, which Grafana's node graph also understands. */
export const RUN_GRAPH_FRAMES = { nodes: 'nodes', edges: 'edges' } as const;

/** One row per task; `instances` is the number of instances of a mapped task. */
export const GRAPH_NODE_FIELDS = {
  /**
   * The run, the same in every row; absent if the graph belongs to no particular run. With a field named `source`, Grafana's node graph
   * would take the nodes for edges.
   */
  runSource: 'run_source',
  dagId: 'dag_id',
  runId: 'run_id',
  /** The task_id. */
  id: 'id',
  title: 'title',
  /** Operator, as a text. */
  subTitle: 'subtitle',
  mainStat: 'mainstat',
  state: 'state',
  durationSeconds: 'duration_seconds',
  taskGroup: 'task_group',
  onCriticalPath: 'on_critical_path',
  operator: 'operator',
  tryNumber: 'try_number',
  /** Number of mapped instances; 1 for a task that is not mapped. */
  instances: 'instances',
  /** Why it does not proceed, as a sentence. */
  waiting: 'waiting',
} as const;

export const GRAPH_EDGE_FIELDS = {
  id: 'id',
  source: 'source',
  target: 'target',
  mainStat: 'mainstat',
  /** start(target) − end(source) if source is the upstream that ended last; null if nothing was measured. */
  transitionSeconds: 'transition_seconds',
  onCriticalPath: 'on_critical_path',
} as const;

/** Query type "Journey": one row per run, in the order in which they started. Times are epoch milliseconds. */
export const JOURNEY_FIELDS = {
  source: 'source',
  dagId: 'dag_id',
  runId: 'run_id',
  state: 'state',
  queuedAt: 'queued_at',
  startDate: 'start_date',
  endDate: 'end_date',
  durationSeconds: 'duration_seconds',
  /** Start of the gap before the run; null if there is none. */
  gapFrom: 'gap_from',
  gapSeconds: 'gap_seconds',
  /** The runs that started it, as `dag_id · run_id`. */
  startedBy: 'started_by',
  waiting: 'waiting',
  expectedEnd: 'expected_end',
} as const;

/** Query types "Lookup" and "Runs": one row per run (in a lookup, per run and value). Times are epoch milliseconds. */
export const LOOKUP_FIELDS = {
  /** Business key and value by which the run was found. In "Runs", `value` lists all keys of the run. */
  key: 'key',
  value: 'value',
  state: 'state',
  logicalDate: 'logical_date',
  dagId: 'dag_id',
  durationSeconds: 'duration_seconds',
  /** Progress of the run, in words. */
  standsAt: 'stands_at',
  /** One sentence that says why the run, or its first current task, is waiting. */
  waiting: 'waiting',
  /** When it will end, by usual durations. */
  expectedEnd: 'expected_end',
  startDate: 'start_date',
  endDate: 'end_date',
  runId: 'run_id',
  source: 'source',
  graphUrl: 'graph_url',
  ganttUrl: 'gantt_url',
  externalUrl: 'external_url',
  /** "true" for a run that its source no longer has. */
  gone: 'gone',
} as const;
