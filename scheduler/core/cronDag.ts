import { createHash } from 'node:crypto';
import { Document } from 'yaml';
import type { CrontabEntry } from './crontab.ts';

/** A YAML DAG file made from a line of a crontab. */
export interface CronDagFile {
  name: string;
  dagId: string;
  text: string;
}

export interface CronDagOptions {
  /** Where the line comes from, such as a host or a user; begins the DAG's id. */
  prefix: string;
  /** IANA name for lines without CRON_TZ. */
  timezone: string;
}

/**
 * One singleton DAG a line: no catch-up, one run at a time. The id is made of what the line does and when, so the same line
 * gives the same file again wherever it stands; the second of two equal lines gets a number.
 */
export function cronDagFiles(entries: readonly CrontabEntry[], options: CronDagOptions): CronDagFile[] {
  const seen = new Map<string, number>();
  return entries.map((entry) => {
    const base = dagIdOf(entry, options.prefix);
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    const dagId = count === 1 ? base : `${base}_${count}`;
    return { name: `${dagId}.yaml`, dagId, text: yamlOf(dagId, entry, options.timezone) };
  });
}

function dagIdOf(entry: CrontabEntry, prefix: string): string {
  const key = JSON.stringify([entry.schedule, entry.timezone, entry.user, entry.command, entry.stdin]);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 8);
  return [slug(prefix), slug(programOf(entry.command)), hash].filter(Boolean).join('_');
}

/** The command's own name, past folders, variables before it, and what only changes how it is run. */
function programOf(command: string): string {
  const words = command.split(/\s+/).filter((word) => !/^[A-Za-z_]\w*=/.test(word));
  const first = words.find(
    (word) =>
      !['cd', 'nice', 'ionice', 'sudo', 'env', 'exec', '&&', '[', 'test'].includes(word) && !word.startsWith('-'),
  );
  return (first ?? 'command').split('/').pop()!;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 40);
}

function yamlOf(dagId: string, entry: CrontabEntry, timezone: string): string {
  const { SHELL: shell, PATH: path, HOME: home, MAILTO: _mail, ...env } = entry.env;
  const document = new Document({
    dag_id: dagId,
    description: `From line ${entry.line} of a crontab${entry.user ? `, where it ran as ${entry.user}` : ''}.`,
    owner: entry.user ?? 'cron',
    tags: ['cron'],
    schedule: entry.schedule,
    timezone: entry.timezone ?? timezone,
    catchup: false,
    max_active_runs: 1,
    tasks: [
      {
        task_id: 'command',
        command: entry.command,
        ...(entry.stdin === null ? {} : { stdin: entry.stdin }),
        ...(shell ? { shell } : {}),
        ...(home ? { cwd: home } : {}),
        inherit: ['HOME', 'USER', 'LOGNAME', 'LANG'],
        env: { ...(path ? { PATH: path } : {}), ...env },
      },
    ],
  });
  document.commentBefore = ' Made by `runbeat cron-import`, which writes it again when it is run again.';
  return document.toString({ lineWidth: 0 });
}
