/**
 * Names of our recording rules: `level:metric:operation`, as the Prometheus documentation advises. The rules themselves
 * stand in `observability/records`; dashboards, alerts and the app's charts read what they keep.
 */
export const RECORDS = {
  evaluated: 'runbeat:rules:evaluated',
  schedulersSustained: 'source:runbeat_schedulers_alive:sustained',
  schedulersJudged: 'source:runbeat_schedulers_alive:judged',
  runs: 'dag:runbeat_runs:total',
  runsSlow: 'dag:runbeat_runs_slow:total',
  runsFinished: 'dag:runbeat_runs_finished:total',
  runsFailed: 'dag:runbeat_runs_failed:total',
  runsFinishedRecently: 'dag:runbeat_runs_finished:recent',
  runsFailedRecently: 'dag:runbeat_runs_failed:recent',
  failedShare: 'dag:runbeat_runs_failed:recent_share',
  runsActive: 'dag:runbeat_runs_active:sum',
  sourceRunsActive: 'source_state:runbeat_runs_active:sum',
  oldestRunAge: 'dag:runbeat_oldest_active_run_age_seconds:max',
  tasksActive: 'source_state:runbeat_tasks_active:sum',
  runBuckets: 'dag:runbeat_run_duration_seconds_bucket:total',
  sourceRunBuckets: 'source:runbeat_run_duration_seconds_bucket:rate1h',
  runP95: 'dag:runbeat_run_duration_seconds:p95_1h',
  transitionBuckets: 'source:runbeat_task_transition_seconds_bucket:rate5m',
  transitionP95: 'dag:runbeat_task_transition_seconds:p95_15m',
  transitions: 'source:runbeat_transitions:total',
  transitionsSlow: 'source:runbeat_transitions_slow:total',
  stageSeconds: 'source_stage:runbeat_task_transition_stage_seconds_sum:rate5m',
  stageCount: 'source_stage:runbeat_task_transition_stage_seconds_count:rate5m',
  slowestTasks: 'task:runbeat_task_duration_seconds:slowest_mean1h',
} as const;
