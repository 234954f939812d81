/** Names of our recording rules: `level:metric:operation`, as the Prometheus documentation advises. */
export const RECORDS = {
  evaluated: 'runbeat:rules:evaluated',
  warmingUp: 'runbeat:rules:warming_up',
  runs: 'dag:runbeat_runs:total',
  runsSlow: 'dag:runbeat_runs_slow:total',
  runsFinished: 'dag:runbeat_runs_finished:total',
  runsFailed: 'dag:runbeat_runs_failed:total',
  runBuckets: 'dag:runbeat_run_duration_seconds_bucket:total',
  sourceRunBuckets: 'source:runbeat_run_duration_seconds_bucket:rate1h',
  runP95: 'dag:runbeat_run_duration_seconds:p95_1h',
  transitionBuckets: 'source:runbeat_task_transition_seconds_bucket:rate5m',
  transitionP95: 'dag:runbeat_task_transition_seconds:p95_15m',
} as const;

/** What a record is about stands in the first part of its name. */
export function recordLabels(record: string): string[] {
  const labels = { runbeat: [], source: ['source'], dag: ['source', 'dag_id'] }[record.split(':')[0]!];
  if (!labels) throw new Error(`The record ${record} must start with runbeat:, source: or dag:.`);
  return record.includes('_bucket:') ? [...labels, 'le'] : [...labels];
}
