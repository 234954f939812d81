const LEVELS: Record<string, readonly string[]> = {
  runbeat: [],
  source: ['source'],
  source_state: ['source', 'state'],
  source_stage: ['source', 'stage'],
  dag: ['source', 'dag_id'],
  task: ['source', 'dag_id', 'task_id'],
};

/** What a record is about stands in the first part of its name. */
export function recordLabels(record: string): string[] {
  const labels = LEVELS[record.split(':')[0]!];
  if (!labels)
    throw new Error(`The record ${record} must start with one of ${Object.keys(LEVELS).join(', ')} and a colon.`);
  return record.includes('_bucket:') ? [...labels, 'le'] : [...labels];
}
