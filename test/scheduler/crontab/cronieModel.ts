/**
 * A model of how cronie reads a line of a crontab and when it starts the job: it goes from character to character,
 * as cronie does, so that it shares nothing with the importer that is compared with it. Without random times (`~`).
 */
export interface ModelEntry {
  minutes: Set<number>;
  hours: Set<number>;
  monthDays: Set<number>;
  months: Set<number>;
  weekDays: Set<number>;
  monthDayStar: boolean;
  weekDayStar: boolean;
  user: string | null;
  command: string;
  stdin: string;
}

const MONTH_NAMES = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const END = '\n';

class Refused extends Error {}

class Reader {
  at = 0;
  constructor(private readonly text: string) {}
  get(): string {
    return this.text[this.at++] ?? END;
  }
  unget(): void {
    this.at--;
  }
  peek(): string {
    return this.text[this.at] ?? END;
  }
  skipBlanks(): void {
    while (this.peek() === ' ' || this.peek() === '\t') this.at++;
  }
  word(): string {
    let word = '';
    while (![' ', '\t', END].includes(this.peek())) word += this.get();
    return word;
  }
  rest(): string {
    return this.text.slice(this.at);
  }
}

/** Null if cronie skips the line with an error. `line` starts with its first character that is not a blank. */
export function modelEntry(line: string, form: 'user' | 'system'): ModelEntry | null {
  try {
    return load(new Reader(line), form);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

function load(reader: Reader, form: 'user' | 'system'): ModelEntry {
  if (reader.peek() === '-') reader.get();
  const times = reader.peek() === '@' ? nickname(reader) : fields(reader);
  if (times.weekDays.has(0) || times.weekDays.has(7)) times.weekDays.add(0).add(7);
  if (reader.peek() === END || reader.peek() === '*') throw new Refused();
  let user: string | null = null;
  if (form === 'system') {
    user = reader.word();
    reader.skipBlanks();
    if (reader.peek() === END) throw new Refused();
  }
  return { ...times, user, ...input(reader.rest()) };
}

type Times = Omit<ModelEntry, 'user' | 'command' | 'stdin'>;

function span(low: number, high: number): Set<number> {
  return new Set(Array.from({ length: high - low + 1 }, (_, at) => low + at));
}

function nickname(reader: Reader): Times {
  const all = {
    minutes: new Set([0]),
    hours: new Set([0]),
    monthDays: span(1, 31),
    months: span(1, 12),
    weekDays: span(0, 7),
    monthDayStar: false,
    weekDayStar: false,
  };
  const first = new Set([1]);
  const known: Record<string, Times> = {
    '@yearly': { ...all, monthDays: first, months: new Set([1]), weekDayStar: true },
    '@annually': { ...all, monthDays: first, months: new Set([1]), weekDayStar: true },
    '@monthly': { ...all, monthDays: first, weekDayStar: true },
    '@weekly': { ...all, weekDays: new Set([0]), monthDayStar: true },
    '@daily': all,
    '@midnight': all,
    '@hourly': { ...all, hours: span(0, 23) },
  };
  const times = known[reader.word()];
  if (!times) throw new Refused();
  reader.skipBlanks();
  if (reader.peek() === END) throw new Refused();
  return times;
}

function fields(reader: Reader): Times {
  const minutes = list(reader, 0, 59, null);
  const hours = list(reader, 0, 23, null);
  const monthDayStar = reader.peek() === '*';
  const monthDays = list(reader, 1, 31, null);
  const months = list(reader, 1, 12, MONTH_NAMES);
  const weekDayStar = reader.peek() === '*';
  const weekDays = list(reader, 0, 7, DAY_NAMES);
  return { minutes, hours, monthDays, months, weekDays, monthDayStar, weekDayStar };
}

function list(reader: Reader, low: number, high: number, names: readonly string[] | null): Set<number> {
  const values = new Set<number>();
  while (range(reader, values, low, high, names) === ',');
  reader.unget();
  reader.skipBlanks();
  return values;
}

const isSeparator = (character: string): boolean => [' ', '\t', ',', END].includes(character);

/** Returns the separator that ended it. */
function range(
  reader: Reader,
  values: Set<number>,
  low: number,
  high: number,
  names: readonly string[] | null,
): string {
  let [from, to, step] = [low, high, 1];
  let next: string;
  if (reader.peek() === '*') {
    reader.get();
    next = reader.get();
    if (next === '/') [step, next] = stepAndNext(reader);
  } else {
    from = to = number(reader, low, names);
    next = reader.get();
    if (next === '-') {
      to = number(reader, low, names);
      next = reader.get();
      if (next === '/') [step, next] = stepAndNext(reader);
      else if (from > to && to === 0) to = 7;
    }
  }
  if (!isSeparator(next)) throw new Refused();
  for (let value = from; value <= to; value += step) {
    if (value < low || value > high) throw new Refused();
    values.add(value);
  }
  return next;
}

function stepAndNext(reader: Reader): [step: number, next: string] {
  const step = number(reader, 0, null);
  if (step === 0) throw new Refused();
  return [step, reader.get()];
}

function number(reader: Reader, low: number, names: readonly string[] | null): number {
  let word = '';
  while (/[0-9A-Za-z]/.test(reader.peek())) word += reader.get();
  if (/^\d+$/.test(word)) return Number.parseInt(word, 10);
  const at = names?.indexOf(word.toLowerCase()) ?? -1;
  if (at < 0) throw new Refused();
  return at + low;
}

/** Command and input. An empty input counts as none. */
function input(text: string): { command: string; stdin: string } {
  let command = '';
  let at = 0;
  for (let isEscaped = false; at < text.length; at++) {
    const character = text[at]!;
    if (isEscaped) {
      if (character === '%') command = command.slice(0, -1);
      isEscaped = false;
    } else if (character === '\\') isEscaped = true;
    else if (character === '%') break;
    command += character;
  }
  let stdin = '';
  let isEscaped = false;
  for (const original of text.slice(at + 1)) {
    let character = original;
    if (isEscaped && character !== '%') stdin += '\\';
    if (!isEscaped && character === '%') character = '\n';
    isEscaped = character === '\\';
    if (!isEscaped) stdin += character;
  }
  if (isEscaped) stdin += '\\';
  return { command, stdin: stdin === '' || stdin.endsWith('\n') ? stdin : `${stdin}\n` };
}

interface Day {
  startMs: number;
  month: number;
  monthDay: number;
  weekDay: number;
}

/** Every day of the 28 years from 2026, in which each date falls on each weekday. */
const DAYS: readonly Day[] = Array.from({ length: 28 * 365 + 7 }, (_, at) => {
  const date = new Date(Date.UTC(2026, 0, 1 + at));
  return {
    startMs: date.getTime(),
    month: date.getUTCMonth() + 1,
    monthDay: date.getUTCDate(),
    weekDay: date.getUTCDay(),
  };
});

function firesOn(entry: ModelEntry, day: Day): boolean {
  if (!entry.months.has(day.month)) return false;
  const [monthDay, weekDay] = [entry.monthDays.has(day.monthDay), entry.weekDays.has(day.weekDay)];
  return entry.monthDayStar || entry.weekDayStar ? monthDay && weekDay : monthDay || weekDay;
}

/** The first time after `afterMs` at which cronie starts the job, in UTC; null if there is none in the 28 years. */
export function modelNext(entry: ModelEntry, afterMs: number): number | null {
  const minutes = [...entry.hours]
    .flatMap((hour) => [...entry.minutes].map((minute) => hour * 60 + minute))
    .sort((a, b) => a - b);
  for (const day of DAYS.slice(Math.max(0, Math.floor((afterMs - DAYS[0]!.startMs) / 86_400_000)))) {
    if (!firesOn(entry, day)) continue;
    const minute = minutes.find((each) => day.startMs + each * 60_000 > afterMs);
    if (minute !== undefined) return day.startMs + minute * 60_000;
  }
  return null;
}
