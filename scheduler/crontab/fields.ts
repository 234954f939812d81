/** One of the five time fields: its values, and whether it is written with a leading `*`. */
export interface Field {
  values: ReadonlySet<number>;
  isStar: boolean;
}

interface FieldKind {
  name: string;
  low: number;
  high: number;
  names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

export const FIELDS: readonly FieldKind[] = [
  { name: 'minute', low: 0, high: 59, names: [] },
  { name: 'hour', low: 0, high: 23, names: [] },
  { name: 'day of month', low: 1, high: 31, names: [] },
  { name: 'month', low: 1, high: 12, names: MONTHS },
  { name: 'day of week', low: 0, high: 7, names: WEEKDAYS },
];

/** If a range starts above 0 and ends with 0, cron takes its end for a Sunday (7), in every field. */
const SUNDAY = 7;

/** Reads the text of a field as cron does. Returns what is wrong if it can't. */
export function readField(kind: FieldKind, text: string): Field | { problem: string } {
  const is = `${kind.name} "${text}"`;
  if (text.includes('~')) return { problem: `${is} is random; choose a fixed time` };
  if (!/^[0-9A-Za-z*,/-]+$/.test(text)) return { problem: `${is} is not a cron field` };
  if (kind.names.length === 0 && /[A-Za-z]/.test(text)) return { problem: `${is} must be numbers` };
  return parseField(kind, text) ?? { problem: `${is} is not a cron expression for ${kind.low} to ${kind.high}` };
}

function parseField(kind: FieldKind, text: string): Field | null {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const range = parseRange(kind, item);
    if (range === null) return null;
    for (let value = range.from; value <= range.to; value += range.step) {
      if (value < kind.low || value > kind.high) return null;
      values.add(value);
    }
  }
  return { values, isStar: text.startsWith('*') };
}

interface Range {
  from: number;
  to: number;
  step: number;
}

function parseRange(kind: FieldKind, item: string): Range | null {
  const [, star, first, last, stepText] = /^(?:(\*)|([0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?)(?:\/(\d+))?$/.exec(item) ?? [];
  const step = stepText === undefined ? 1 : Number(stepText);
  if (step === 0) return null;
  if (star) return { from: kind.low, to: kind.high, step };
  // A step needs a range.
  if (first === undefined || (last === undefined && stepText !== undefined)) return null;
  const from = numberOf(kind, first);
  const to = last === undefined ? from : numberOf(kind, last);
  if (from === null || to === null) return null;
  const wraps = from > to && to === 0 && stepText === undefined;
  return { from, to: wraps ? SUNDAY : to, step };
}

function numberOf({ names, low }: FieldKind, text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  const at = names.indexOf(text.toLowerCase());
  return at < 0 ? null : at + low;
}

/** The shortest field of a cron expression with exactly these values. */
export function fieldText({ low, high }: { low: number; high: number }, values: ReadonlySet<number>): string {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === high - low + 1) return '*';
  const runs: string[] = [];
  for (let at = 0; at < sorted.length; at++) {
    const first = sorted[at]!;
    while (sorted[at + 1] === sorted[at]! + 1) at++;
    runs.push(sorted[at] === first ? `${first}` : `${first}-${sorted[at]}`);
  }
  return stepText(sorted, high) ?? runs.join(',');
}

/** Values with a constant step up to the end, such as `0-59/15`. */
function stepText(sorted: readonly number[], high: number): string | null {
  const [first, second] = sorted;
  if (sorted.length < 3) return null;
  const step = second! - first!;
  const isEven = step > 1 && sorted.every((value, at) => value === first! + at * step);
  return isEven && sorted.at(-1)! + step > high ? `${first}-${high}/${step}` : null;
}
