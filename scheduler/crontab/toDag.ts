import { createHash } from 'node:crypto';
import type { DagInput } from '../core/definition.ts';
import type { CrontabEntry } from './parse.ts';

const SLUG_LENGTH = 40;
/** The environment that cron gives a job by default (crontab(5)). */
const CRON_PATH = '/usr/bin:/bin';
const CRON_INHERITS = ['HOME', 'LOGNAME', 'USER'];

/**
 * One DAG for each entry, with one task and one run at a time. Ids depend on the content of a line, not on its position, so that
 * importing the file again with moved or added lines does not create a second DAG for the same job.
 */
export function toDags(entries: readonly CrontabEntry[]): DagInput[] {
  const seen = new Map<string, number>();
  return entries.map((entry) => {
    const id = dagIdOf(entry);
    const nth = (seen.get(id) ?? 0) + 1;
    seen.set(id, nth);
    return toDag(entry, nth === 1 ? id : `${id}_${nth}`);
  });
}

function toDag(entry: CrontabEntry, dagId: string): DagInput {
  return {
    dag_id: dagId,
    description: `crontab line: ${entry.written} ${entry.command}`,
    owner: entry.user,
    tags: ['cron'],
    schedule: { cron: entry.schedule, ...(entry.timezone ? { timezone: entry.timezone } : {}) },
    max_active_runs: 1,
    tasks: [
      {
        task_id: 'command',
        kind: 'shell',
        shell: {
          command: entry.command,
          shell: entry.shell,
          cwd: '~',
          stdin: entry.stdin,
          env: { SHELL: entry.shell, PATH: CRON_PATH, ...entry.env },
          inherit: CRON_INHERITS.filter((name) => !(name in entry.env)),
        },
      },
    ],
  };
}

function dagIdOf(entry: CrontabEntry): string {
  const command = entry.command.trim();
  const program = command.replace(/^\S*\//, '').replace(/[^A-Za-z0-9]+/g, '_');
  const slug = program.slice(0, SLUG_LENGTH).replace(/^_+|_+$/g, '') || 'job';
  const identity = JSON.stringify([entry.written, entry.timezone, entry.user, command, entry.stdin]);
  return `cron_${slug}_${createHash('sha256').update(identity).digest('hex').slice(0, 8)}`;
}
