import { FIELDS, fieldText, readField, type Field } from './fields.ts';

const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const WEEK = { low: 0, high: 6 };
const MONTH_DAYS = { low: 1, high: 31 };

export interface CrontabTime {
  /** Five fields as written; for a nickname, the fields that it stands for. */
  written: string;
  /** A cron expression that fires when cron would start the job. */
  cron: string;
}

/** The time at the beginning of a job line and the rest of the line, or what is wrong. */
export type TimeReading = (CrontabTime & { rest: string }) | { problem: string };

/** Reads the time of a job line. `text` must not start with a space. */
export function readTime(text: string): TimeReading {
  // Cron does not log such a job. Runbeat does, so there is nothing to suppress.
  const line = text.startsWith('-') ? text.slice(1) : text;
  const reading = line.startsWith('@') ? readNickname(line) : readFields(line);
  const isTypo = 'rest' in reading && reading.rest.startsWith('*');
  return isTypo ? { problem: 'the time must be followed by a command, not by a sixth field' } : reading;
}

function readNickname(line: string): TimeReading {
  const [, nickname, rest] = /^([^ \t]*)[ \t]*(.*)$/s.exec(line)!;
  if (nickname === '@reboot') return { problem: '@reboot has no time; run the command as a system service' };
  const written = NICKNAMES[nickname!];
  if (!written)
    return { problem: `"${nickname}" is unknown; use one of ${Object.keys(NICKNAMES).join(', ')}, in lower case` };
  return { written, cron: written, rest: rest! };
}

function readFields(line: string): TimeReading {
  const match = /^([^ \t]+)[ \t]+([^ \t]+)[ \t]+([^ \t]+)[ \t]+([^ \t]+)[ \t]+([^ \t]+)(?:[ \t]+(.*))?$/s.exec(line);
  if (!match) return { problem: 'neither a variable (NAME=value) nor five time fields followed by a command' };
  const texts = match.slice(1, 6);
  const rest = match[6] ?? '';
  const fields: Field[] = [];
  for (const [at, kind] of FIELDS.entries()) {
    const field = readField(kind, texts[at]!);
    if ('problem' in field) return field;
    fields.push(field);
  }
  const cron = expressionOf(fields);
  if (cron === null) return { problem: `"${texts.join(' ')}" never fires` };
  return { written: texts.join(' '), cron, rest };
}

/**
 * Converts fields to a cron expression; null for a line that never fires. In cron, both days must match if either field starts with
 * `*`; otherwise one of them is enough. In expressions, both must match if a field is exactly `*` or has a `+`; otherwise one is enough.
 */
function expressionOf(fields: readonly Field[]): string | null {
  const days = daysOf(fields[2]!, fields[4]!);
  if (days === null || [0, 1, 3].some((at) => fields[at]!.values.size === 0)) return null;
  const [minute, hour, month] = [0, 1, 3].map((at) => fieldText(FIELDS[at]!, fields[at]!.values));
  return [minute, hour, days.month, month, days.week].join(' ');
}

function daysOf(monthDays: Field, weekDays: Field): { month: string; week: string } | null {
  const month = fieldText(MONTH_DAYS, monthDays.values);
  const week = fieldText(WEEK, new Set([...weekDays.values].map((day) => day % 7)));
  if (monthDays.isStar || weekDays.isStar) {
    if (month === '' || week === '') return null;
    return { month, week: month === '*' || week === '*' ? week : `+${week}` };
  }
  if (month === '*' || week === '*') return { month: '*', week: '*' };
  if (month === '' && week === '') return null;
  return { month: month || '*', week: week || '*' };
}
