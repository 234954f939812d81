import { scheduleProblem } from '../core/timetable.ts';
import { readSchedule } from './schedule.ts';

/** A user's own crontab, or a system one (/etc/crontab, /etc/cron.d) whose lines name the user before the command. */
export type CrontabForm = 'user' | 'system';

/** One job line, with what stood above it. */
export interface CrontabEntry {
  /** From 1. */
  line: number;
  /** Five cron fields. */
  schedule: string;
  timezone: string | null;
  /** Only in the system form. */
  user: string | null;
  /** What the shell is given. */
  command: string;
  /** What stood behind the first bare `%`, later ones turned into line ends; null for none. */
  stdin: string | null;
  /** The environment lines above this one, without SHELL and CRON_TZ. */
  env: Record<string, string>;
  shell: string;
}

/** A line that could not be taken, or taken only in part. */
export interface CrontabProblem {
  line: number;
  text: string;
  reason: string;
  /** Whether the job was imported all the same. */
  taken: boolean;
}

export interface Crontab {
  entries: CrontabEntry[];
  problems: CrontabProblem[];
}

interface Surroundings {
  env: Record<string, string>;
  shell: string;
  timezone: string | null;
}

const ENVIRONMENT_LINE = /^(?:"([^"]+)"|'([^']+)'|([A-Za-z_][A-Za-z0-9_]*))\s*=\s*(.*)$/;
const DEFAULT_SHELL = '/bin/sh';

/** Reads a crontab as Vixie cron and cronie do (crontab(5)). Never throws: what can't be taken is in `problems`. */
export function parseCrontab(content: string, form: CrontabForm): Crontab {
  const crontab: Crontab = { entries: [], problems: [] };
  let surroundings: Surroundings = { env: {}, shell: DEFAULT_SHELL, timezone: null };
  content.split(/\r?\n/).forEach((raw, index) => {
    const text = raw.trim();
    if (text === '' || text.startsWith('#')) return;
    const line = index + 1;
    const report = (reason: string, taken: boolean): void => void crontab.problems.push({ line, text, reason, taken });
    const assignment = ENVIRONMENT_LINE.exec(text);
    if (assignment) {
      const name = (assignment[1] ?? assignment[2] ?? assignment[3])!;
      surroundings = withVariable(surroundings, name, unquote(assignment[4]!.trim()), report);
      return;
    }
    const entry = readEntry(text, line, form, surroundings, report);
    if (entry) crontab.entries.push(entry);
  });
  return crontab;
}

type Report = (reason: string, taken: boolean) => void;

function withVariable(before: Surroundings, name: string, value: string, report: Report): Surroundings {
  if (name === 'SHELL') return { ...before, shell: value };
  if (name === 'CRON_TZ') return { ...before, timezone: value };
  if (name === 'MAILTO' && value !== '') {
    report('nobody is mailed: output is kept with each attempt, and RunbeatFlowFailures tells of failures', true);
    return before;
  }
  if (name === 'RANDOM_DELAY') {
    report('jobs start at their time, without a random delay', true);
    return before;
  }
  return name === 'MAILTO' ? before : { ...before, env: { ...before.env, [name]: value } };
}

/** Quotes around the whole value keep its blanks and are not part of it. */
function unquote(value: string): string {
  const quoted = /^(["'])(.*)\1$/.exec(value);
  return quoted ? quoted[2]! : value;
}

function readEntry(
  text: string,
  line: number,
  form: CrontabForm,
  around: Surroundings,
  report: Report,
): CrontabEntry | null {
  const schedule = readSchedule(text);
  if ('problem' in schedule) {
    report(schedule.problem, false);
    return null;
  }
  const problem = scheduleProblem({ cron: schedule.cron, timezone: around.timezone ?? 'UTC' });
  if (problem) {
    report(problem, false);
    return null;
  }
  const [, user, rest] =
    form === 'system' ? (/^(\S+)\s+(.*)$/s.exec(schedule.rest) ?? []) : [null, null, schedule.rest];
  if (!rest?.trim() || user === undefined) {
    report(
      form === 'system' ? 'a user and a command must follow the schedule' : 'a command must follow the schedule',
      false,
    );
    return null;
  }
  if (user) report(`runs as the worker's own user, not as "${user}"`, true);
  return {
    line,
    schedule: schedule.cron,
    timezone: around.timezone,
    user,
    ...splitStdin(rest),
    env: around.env,
    shell: around.shell,
  };
}

/** `%` ends the command and begins its standard input; `\%` is a plain per cent sign. */
function splitStdin(rest: string): { command: string; stdin: string | null } {
  const [command, ...input] = rest.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'));
  return { command: command!.trim(), stdin: input.length > 0 ? `${input.join('\n')}\n` : null };
}
