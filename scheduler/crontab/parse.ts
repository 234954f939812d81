import { textProblem } from '../core/storable.ts';
import { scheduleProblem } from '../core/timetable.ts';
import { splitCommand } from './command.ts';
import { readVariable, type Variable } from './environment.ts';
import { readTime } from './schedule.ts';

/** A user's crontab, or a system one (/etc/crontab, /etc/cron.d) whose lines name the user before the command. */
export type CrontabForm = 'user' | 'system';

/** One job line, with the settings above it. */
export interface CrontabEntry {
  /** From 1. */
  line: number;
  /** A cron expression that fires when cron would start the job. */
  schedule: string;
  /** The five time fields as written. */
  written: string;
  timezone: string | null;
  /** Null in a user's crontab. */
  user: string | null;
  /** The command for the shell; empty if the line has only input. */
  command: string;
  /** The text after the first unescaped `%`, in which further ones are line breaks; null for none. */
  stdin: string | null;
  /** The variables above this line. */
  env: Record<string, string>;
  shell: string;
}

/** A line that was not imported, or only in part. */
export interface CrontabProblem {
  line: number;
  text: string;
  reason: string;
  /** Whether the job was imported nevertheless. */
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

type Report = (reason: string, taken: boolean) => void;

const DEFAULT_SHELL = '/bin/sh';
/** Cron sets these itself. */
const USER_NAMES = ['LOGNAME', 'USER'];

/** Reads a crontab as cronie does (crontab(5)). Never throws: lines that can't be imported are in `problems`. */
export function parseCrontab(content: string, form: CrontabForm): Crontab {
  const crontab: Crontab = { entries: [], problems: [] };
  let around: Surroundings = { env: {}, shell: DEFAULT_SHELL, timezone: null };
  content.split(/\r?\n/).forEach((raw, index) => {
    const text = raw.replace(/^[ \t]+/, '');
    if (text === '' || text.startsWith('#')) return;
    const line = index + 1;
    const report: Report = (reason, taken) => void crontab.problems.push({ line, text, reason, taken });
    const problem = textProblem(text);
    if (problem) return report(problem, false);
    const variable = readVariable(text);
    if (variable) around = withVariable(around, variable, report);
    else {
      const entry = readEntry(text, { line, form, around }, report);
      if (entry) crontab.entries.push(entry);
    }
  });
  return crontab;
}

function withVariable(before: Surroundings, { name, value }: Variable, report: Report): Surroundings {
  if (name === '') return before;
  if (USER_NAMES.includes(name)) {
    report(`ignored, because cron itself sets ${name} to the name of the user`, true);
    return before;
  }
  if (name === 'MAILTO' && value !== '')
    report('no mail is sent: each try keeps its output, and the alert RunbeatFlowFailures reports failures', true);
  if (name === 'RANDOM_DELAY') report('jobs start at their time, without a random delay', true);
  const env = { ...before.env, [name]: value };
  if (name === 'SHELL') return { ...before, env, shell: value };
  return name === 'CRON_TZ' ? { ...before, env, timezone: value === '' ? null : value } : { ...before, env };
}

interface Place {
  line: number;
  form: CrontabForm;
  around: Surroundings;
}

function readEntry(text: string, { line, form, around }: Place, report: Report): CrontabEntry | null {
  const refuse = (reason: string): null => {
    report(reason, false);
    return null;
  };
  const time = readTime(text);
  if ('problem' in time) return refuse(time.problem);
  const problem = scheduleProblem({ cron: time.cron, timezone: around.timezone ?? 'UTC' });
  if (problem) return refuse(problem);
  if (around.shell === '') return refuse('SHELL above it is empty, so cron cannot start it');
  const [user, rest] = form === 'system' ? splitUser(time.rest) : [null, time.rest];
  if (rest === '')
    return refuse(
      form === 'system'
        ? 'the time must be followed by a user and a command'
        : 'the time must be followed by a command',
    );
  if (user) report(`runs as the worker's own user, not as "${user}"`, true);
  const { written, cron: schedule } = time;
  return {
    line,
    schedule,
    written,
    timezone: around.timezone,
    user,
    ...splitCommand(rest),
    env: around.env,
    shell: around.shell,
  };
}

function splitUser(rest: string): [user: string, command: string] {
  const [, user, command] = /^([^ \t]*)[ \t]*(.*)$/s.exec(rest)!;
  return [user!, command!];
}
