const LEVELS: Record<string, readonly string[]> = {
  runbeat: [],
  source: ['source'],
  source_state: ['source', 'state'],
  source_stage: ['source', 'stage'],
  dag: ['source', 'dag_id'],
  promise: ['source', 'dag_id', 'promise'],
  task: ['source', 'dag_id', 'task_id'],
};

/** Labels by the first part of a record's name. */
export function recordLabels(record: string): string[] {
  const labels = LEVELS[record.split(':')[0]!];
  if (!labels)
    throw new Error(`The record ${record} must start with one of ${Object.keys(LEVELS).join(', ')} and a colon.`);
  return record.includes('_bucket:') ? [...labels, 'le'] : [...labels];
}
