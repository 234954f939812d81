import type { AttemptLog, RunDetail, TaskInstance } from '../../../shared/api.ts';
import { instanceKey } from '../../data/upstreamEnds.ts';

/** A task that brought a run down, and what is known of why. */
export interface FailedTask {
  task: TaskInstance;
  name: string;
  /** `try 2 of 3`; `try 2` where the source does not say how many there may be. */
  tries: string;
  /** The last lines of its last try's output, where the source has them; the exit status of a command stands there. */
  lines: string[];
}

const LINES = 5;
const LONGEST_LINE = 300;

/** The failed tasks of a run, the first to fail first. `logs` is null where the source has none. */
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

/** max_tries counts the retries. A person may have let a task run more often than its DAG says. */
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
