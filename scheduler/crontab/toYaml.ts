import { Document } from 'yaml';
import type { DagInput } from '../core/definition.ts';

const HEADING = ' Made by `runbeat cron-import`. Importing the crontab again writes this file again.';
const MARK = /^# Import: (".*")$/m;

/** A DAG of shell tasks as the YAML DAG file that says the same, marked with the name of its import. */
export function toYaml({ schedule, tasks, ...dag }: DagInput, importName: string): string {
  const time = schedule && 'cron' in schedule ? { schedule: schedule.cron, timezone: schedule.timezone } : {};
  const document = new Document({
    ...dag,
    ...time,
    tasks: tasks.map((task) => ({ task_id: task.task_id, ...withoutNulls(task.shell ?? {}) })),
  });
  document.commentBefore = `${HEADING}\n Import: ${JSON.stringify(importName)}`;
  // Blocks would lose blanks at the ends of lines.
  return document.toString({ lineWidth: 0, blockQuote: false });
}

/** Whether an import wrote this file. */
export function isImported(text: string): boolean {
  return text.startsWith(`#${HEADING}`);
}

/** The name of the import that wrote a file; null for a file of version 0.1.0, which did not say. */
export function importNameOf(text: string): string | null {
  const mark = MARK.exec(text)?.[1];
  return mark === undefined ? null : (JSON.parse(mark) as string);
}

function withoutNulls(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}
