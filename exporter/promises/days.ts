import { isDate } from './calendar.ts';
import type { DayRule } from './rules.ts';
import { writtenText } from './writtenText.ts';

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const WEEKDAY = '(mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)';
const RANGE = new RegExp(`^${WEEKDAY}(?:-${WEEKDAY})?$`);
const WORDS = 'mon-fri, daily, last (day of the month), or days of the month such as 1 and 15';

/** Parses `mon-fri`, `mon, wed`, `daily`, `1, 15` or `last`, as a text or a list. Returns the problems, one line each, if it can't. */
export function parseDays(given: unknown, except: unknown): DayRule | string[] {
  const parts = partsOf(given ?? 'daily');
  const exceptions = new Set(partsOf(except ?? []));
  const problems = [
    ...(parts.length === 0 ? [`days: names no day; write ${WORDS}`] : []),
    ...parts.filter((part) => !isDays(part)).map((part) => `days: "${part.slice(0, 50)}" is none of ${WORDS}`),
    ...[...exceptions]
      .filter((date) => !isDate(date))
      .map((date) => `except: "${date.slice(0, 50)}" is not a date such as 2026-12-25, or 12-25 for every year`),
  ];
  if (problems.length > 0) return problems;
  return {
    weekdays: new Set(parts.flatMap(weekdaysOf)),
    monthDays: new Set(parts.filter((part) => /^\d/.test(part)).map(Number)),
    lastOfMonth: parts.includes('last'),
    exceptions,
    text: parts.join(', ') + (exceptions.size > 0 ? ` except ${[...exceptions].join(', ')}` : ''),
  };
}

function partsOf(given: unknown): string[] {
  const all: unknown[] = Array.isArray(given) ? given : [given];
  return all.flatMap((part) => writtenText(part).toLowerCase().split(',')).map((part) => part.trim());
}

function isDays(part: string): boolean {
  const isMonthDay = /^\d{1,2}$/.test(part) && Number(part) >= 1 && Number(part) <= 31;
  return isMonthDay || part === 'daily' || part === 'last' || RANGE.test(part);
}

/** Numbers of the weekdays that a part names. A range such as sat-mon continues past the end of the week. */
function weekdaysOf(part: string): number[] {
  if (part === 'daily') return [1, 2, 3, 4, 5, 6, 7];
  const match = RANGE.exec(part);
  if (!match) return [];
  const [first, last] = [numberOf(match[1]!), numberOf(match[2] ?? match[1]!)];
  const count = ((last - first + 7) % 7) + 1;
  return Array.from({ length: count }, (_, at) => ((first - 1 + at) % 7) + 1);
}

function numberOf(weekday: string): number {
  return WEEKDAYS.indexOf(weekday.slice(0, 3)) + 1;
}
