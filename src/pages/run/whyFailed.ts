import type { AttemptLog, RunDetail, TaskInstance } from '../../../shared/api.ts';
import { instanceKey } from '../../data/upstreamEnds.ts';

/** A failed task, and what is known about the reason. */
export interface FailedTask {
  task: TaskInstance;
  name: string;
  /** `try 2 of 3`; `try 2` if the maximum number of tries is unknown. */
  tries: string;
  /** The last lines of its last try's output, if the source has them. They include the exit status of a command. */
  lines: string[];
}

const LINES = 5;
const LONGEST_LINE = 300;

/** The failed tasks of a run, in the order in which they failed. `logs` is null if the source has none. */
export function whyFailed({ tasks }: Pick<RunDetail, 'tasks'>, logs: readonly AttemptLog[] | null): FailedTask[] {
  return tasks
    .filter((task) => task.state === 'failed')
    .sort((a, b) => (a.end_date ?? '').localeCompare(b.end_date ?? ''))
    .map((task) => ({
      task,
      name: instanceKey(task.task_id, task.map_index),
      tries: task.max_tries === null ? `try ${task.try_number}` : `try ${task.try_number} of ${triesOf(task)}`,
      lines: lastLines(logs?.find((log) => isOf(log, task))?.text ?? ''),
    }));
}

/** The maximum number of tries. max_tries counts retries, and a person may have cleared a task more often. */
function triesOf({ try_number, max_tries }: TaskInstance): number {
  return Math.max(try_number, max_tries! + 1);
}

function isOf(log: AttemptLog, task: TaskInstance): boolean {
  return log.task_id === task.task_id && log.map_index === task.map_index && log.try_number === task.try_number;
}

function lastLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-LINES)
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
}
