import { Document } from 'yaml';
import type { DagInput } from '../core/definition.ts';

const HEADING = ' Made by `runbeat cron-import`. Importing the crontab again writes this file again.';

/** A DAG of shell tasks as the YAML DAG file that says the same. */
export function toYaml({ schedule, tasks, ...dag }: DagInput): string {
  const time = schedule && 'cron' in schedule ? { schedule: schedule.cron, timezone: schedule.timezone } : {};
  const document = new Document({
    ...dag,
    ...time,
    tasks: tasks.map((task) => ({ task_id: task.task_id, ...withoutNulls(task.shell ?? {}) })),
  });
  document.commentBefore = HEADING;
  return document.toString({ lineWidth: 0 });
}

function withoutNulls(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
