/**
 * Names of the fields in the frames that the data source answers with and the panels read. A panel accepts any frame
 * with these names, whatever made it, so that a transformation or another data source can feed it as well.
 */

/** `frame.meta.custom.runbeat` of each kind of frame; panels suggest themselves by it. */
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

/** What our frames carry in `meta.custom` beside their fields. */
export interface FrameCustom {
  runbeat?: FrameKind;
  /** Ids of a lookup that no run carries. */
  missing?: readonly string[];
  /** The source's clock when the frame was made, in epoch milliseconds. */
  now?: number | null;
}

export function customOf(frame: { meta?: { custom?: unknown } }): FrameCustom {
  return (frame.meta?.custom ?? {}) as FrameCustom;
}

/**
 * Query type "Run tasks": one row an attempt. Rows that share source, dag_id, run_id, task_id and map_index are
 * attempts of one task instance; the one with the greatest try_number is its newest. Times are epoch milliseconds, null
 * where the source has no stamp.
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
  /** When the last upstream waited for ended; the run's start for a task without upstreams. */
  upstreamEndedAt: 'upstream_ended_at',
  onCriticalPath: 'on_critical_path',
  /** Why its newest attempt does not go on, in a sentence; null for what runs or has ended. */
  waiting: 'waiting',
  /** Median of the task's last successful attempts. */
  usualSeconds: 'usual_seconds',
  /** When it will end, by usual durations. */
  expectedEnd: 'expected_end',
  /** JSON list of task_ids; a comma list is read as well. */
  upstreamTaskIds: 'upstream_task_ids',
} as const;

/** Query type "Run graph": frames of these names, in the shape that Grafana's own node graph understands too. */
export const RUN_GRAPH_FRAMES = { nodes: 'nodes', edges: 'edges' } as const;

/** One row a task; the instances of a mapped task are counted in `instances`. */
export const GRAPH_NODE_FIELDS = {
  /**
   * The run, the same in every row; absent where the graph is of no particular run. A field named `source` would make
   * Grafana's node graph take the nodes for edges.
   */
  runSource: 'run_source',
  dagId: 'dag_id',
  runId: 'run_id',
  /** The task_id. */
  id: 'id',
  title: 'title',
  /** Operator, for people. */
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
  /** Why it does not go on, in a sentence. */
  waiting: 'waiting',
} as const;

export const GRAPH_EDGE_FIELDS = {
  id: 'id',
  source: 'source',
  target: 'target',
  mainStat: 'mainstat',
  /** start(target) − end(source) where source is the upstream that ended last; null where nothing was measured. */
  transitionSeconds: 'transition_seconds',
  onCriticalPath: 'on_critical_path',
} as const;

/** Query type "Journey": one row a run of a business key, in the order in which they started. Times are epoch milliseconds. */
export const JOURNEY_FIELDS = {
  source: 'source',
  dagId: 'dag_id',
  runId: 'run_id',
  state: 'state',
  queuedAt: 'queued_at',
  startDate: 'start_date',
  endDate: 'end_date',
  durationSeconds: 'duration_seconds',
  /** Since when no run was at work before it; null where one was. */
  gapFrom: 'gap_from',
  gapSeconds: 'gap_seconds',
  /** The runs that started it, as `dag_id · run_id`. */
  startedBy: 'started_by',
  waiting: 'waiting',
  expectedEnd: 'expected_end',
} as const;

/** Query types "Lookup" and "Runs": one row a run (and, in a lookup, a value). Times are epoch milliseconds. */
export const LOOKUP_FIELDS = {
  /** Business key and value by which the run was found; a row of "Runs" lists all of its keys in `value`. */
  key: 'key',
  value: 'value',
  state: 'state',
  logicalDate: 'logical_date',
  dagId: 'dag_id',
  durationSeconds: 'duration_seconds',
  /** Where the run stands now, in words. */
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
