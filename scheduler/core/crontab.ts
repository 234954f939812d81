import { Cron } from 'croner';

/** One line of a crontab that runs something. */
export interface CrontabEntry {
  /** From 1. */
  line: number;
  schedule: string;
  /** Of the line's `CRON_TZ`, or null for the machine's own. */
  timezone: string | null;
  /** System form only. */
  user: string | null;
  command: string;
  /** What cron would give the command on its standard input: the text behind the first `%`. */
  stdin: string | null;
  /** The environment lines above it. */
  env: Record<string, string>;
}

export interface CrontabProblem {
  line: number;
  text: string;
  reason: string;
}

export interface Crontab {
  entries: CrontabEntry[];
  problems: CrontabProblem[];
}

/** crontab(5): the names that stand for five fields. */
const NAMES: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const ENV_LINE = /^\s*([A-Za-z_][A-Za-z0-9_]*|"[^"]+"|'[^']+')\s*=\s*(.*?)\s*$/;
const USER_NAME = /^[a-z_][a-z0-9_-]*[$]?$/i;

/**
 * Reads a crontab as crontab(5) has it. `system` is the form of /etc/crontab and /etc/cron.d, with a user before the
 * command. What can't be taken is reported with its line, and the rest is taken all the same.
 */
export function parseCrontab(text: string, form: 'user' | 'system'): Crontab {
  const entries: CrontabEntry[] = [];
  const problems: CrontabProblem[] = [];
  let env: Record<string, string> = {};
  text.split(/\r?\n/).forEach((raw, at) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return;
    const assignment = ENV_LINE.exec(line);
    if (assignment) {
      env = { ...env, [unquote(assignment[1]!)]: unquote(assignment[2]!) };
      return;
    }
    const entry = readEntry(line, form);
    if ('reason' in entry) problems.push({ line: at + 1, text: line, reason: entry.reason });
    else {
      const { CRON_TZ: timezone = null, ...rest } = env;
      entries.push({ line: at + 1, ...entry, timezone, env: rest });
    }
  });
  return { entries, problems };
}

type Entry = Pick<CrontabEntry, 'schedule' | 'user' | 'command' | 'stdin'>;

function readEntry(line: string, form: 'user' | 'system'): Entry | { reason: string } {
  const match = line.startsWith('@') ? /^(@\S+)\s+(.*)$/.exec(line) : /^((?:\S+\s+){4}\S+)\s+(.*)$/.exec(line);
  if (!match) return { reason: 'it is neither a comment, a variable nor five fields and a command' };
  const name = match[1]!.toLowerCase();
  if (name === '@reboot') return { reason: '@reboot has no time; run it from your service manager' };
  if (name.startsWith('@') && !NAMES[name]) return { reason: `there is no ${match[1]}` };
  const schedule = NAMES[name] ?? match[1]!.split(/\s+/).join(' ');
  const fault = scheduleFault(schedule);
  if (fault) return { reason: fault };
  const rest = form === 'system' ? /^(\S+)\s+(.*)$/.exec(match[2]!) : [null, null, match[2]!];
  if (!rest) return { reason: 'a user and a command should follow the five fields' };
  const user = rest[1] ?? null;
  if (user !== null && !USER_NAME.test(user))
    return { reason: `"${user}" is no user name; is it a user's own crontab?` };
  return { schedule, user, ...splitInput(rest[2]!) };
}

function scheduleFault(schedule: string): string | null {
  try {
    // cron takes a day that matches either of the two day fields, when both are restricted.
    return new Cron(schedule, { legacyMode: true }).nextRun() ? null : 'its time never comes';
  } catch (error) {
    return `"${schedule}" is no cron expression (${(error as Error).message.replace(/^CronPattern: /, '')})`;
  }
}

/** The first unescaped % ends the command; each further one is a line break of its input. `\%` is a %. */
function splitInput(text: string): { command: string; stdin: string | null } {
  const parts = text.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'));
  const [command, ...input] = parts;
  return { command: command!.trim(), stdin: input.length > 0 ? `${input.join('\n')}\n` : null };
}

function unquote(text: string): string {
  const match = /^"(.*)"$|^'(.*)'$/.exec(text);
  return match ? (match[1] ?? match[2])! : text;
}
