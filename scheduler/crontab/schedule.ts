const NICKNAMES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const FIELD_NAMES = ['minute', 'hour', 'day of month', 'month', 'day of week'] as const;
const FIELD = /^[0-9A-Za-z*,/-]+$/;

/** The schedule at the beginning of a job line and what follows it, or what is wrong with it. */
export type ScheduleReading = { cron: string; rest: string } | { problem: string };

export function readSchedule(text: string): ScheduleReading {
  return text.startsWith('@') ? readNickname(text) : readFields(text);
}

function readNickname(text: string): ScheduleReading {
  const [, nickname, rest] = /^(\S+)\s*(.*)$/s.exec(text)!;
  if (nickname === '@reboot') return { problem: '@reboot has no time; start it as a service of the system' };
  const cron = NICKNAMES[nickname!.toLowerCase()];
  if (!cron) return { problem: `"${nickname}" is unknown; known are ${Object.keys(NICKNAMES).join(', ')}` };
  return { cron, rest: rest! };
}

function readFields(text: string): ScheduleReading {
  const match = /^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)(?:\s+(.*))?$/s.exec(text);
  if (!match) return { problem: 'neither a variable (NAME=value) nor five time fields and a command' };
  const fields = match.slice(1, 6);
  for (const [index, field] of fields.entries()) {
    // Libraries read more than cron does (L, W, #, seconds); what cron itself would refuse must not slip through.
    if (!FIELD.test(field)) return { problem: `${FIELD_NAMES[index]} "${field}" is no cron field${hint(field)}` };
    if (index < 3 && /[A-Za-z]/.test(field)) return { problem: `${FIELD_NAMES[index]} "${field}" must be numbers` };
  }
  return { cron: fields.join(' '), rest: match[6] ?? '' };
}

function hint(field: string): string {
  return field.includes('~') ? '; pick a time yourself in place of a random one' : '';
}
