import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planProblem } from '../../../scheduler/crontab/importPlan.ts';
import { parseCrontab } from '../../../scheduler/crontab/parse.ts';
import { toDags } from '../../../scheduler/crontab/toDag.ts';
import { nextFire } from '../../../scheduler/core/timetable.ts';
import { modelEntry, modelNext } from './cronieModel.ts';

const ANCHOR = new Date('2026-01-01T00:00:00Z');

const number = (low: number, high: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: low, max: high }).map(String) },
    { weight: 1, arbitrary: fc.constantFrom('0', '00', '007', String(high + 1), '99', '7', '1', '31') },
  );
const name = (names: readonly string[]): fc.Arbitrary<string> =>
  fc.constantFrom(...names, ...names.map((each) => each.toUpperCase()), 'xyz', `${names[0]}day`);

/** Field items as people write them, and some that cron refuses. */
function item(low: number, high: number, names: readonly string[]): fc.Arbitrary<string> {
  const value = names.length > 0 ? fc.oneof(number(low, high), name(names)) : number(low, high);
  const step = fc.constantFrom('1', '2', '3', '5', '7', '10', '15', '100', '0', '9999999');
  const range = fc.tuple(value, value).map(([from, to]) => `${from}-${to}`);
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant('*') },
    { weight: 4, arbitrary: value },
    { weight: 3, arbitrary: range },
    { weight: 2, arbitrary: step.map((by) => `*/${by}`) },
    { weight: 2, arbitrary: fc.tuple(range, step).map(([from, by]) => `${from}/${by}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('5L', 'FRIL', 'L', 'W', '1#2', '?', '', '-5', '5-', '5/2', '*5', '**', '+1'),
    },
  );
}
const field = (low: number, high: number, names: readonly string[] = []): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: item(low, high, names) },
    {
      weight: 3,
      arbitrary: fc.array(item(low, high, names), { minLength: 2, maxLength: 3 }).map((items) => items.join()),
    },
  );
const blank = fc.constantFrom(' ', '  ', '\t', ' \t ');
const times = fc
  .tuple(
    field(0, 59),
    field(0, 23),
    field(1, 31),
    field(1, 12, ['jan', 'feb', 'dec']),
    field(0, 7, ['sun', 'mon', 'wed', 'fri', 'sat']),
    blank,
  )
  .map(([minute, hour, day, month, weekday, gap]) => [minute, hour, day, month, weekday].join(gap));
const nickname = fc.constantFrom(
  '@daily',
  '@hourly',
  '@weekly',
  '@monthly',
  '@yearly',
  '@annually',
  '@Daily',
  '@never',
);
const command = fc.oneof(
  fc
    .array(fc.constantFrom('a', ' ', '%', '\\', '\\%', "'", '"', '#', '=', '1', '$', 'ü', '*', '-'), { maxLength: 12 })
    .map((parts) => parts.join('')),
  fc.constantFrom('cmd', '* cmd', '5 cmd', 'root cmd', '', '%only', 'a%', 'a%b%', '"quoted" cmd', '~', 'null', '1.10'),
);
const line = fc
  .tuple(
    fc.constantFrom('', '', '', '-'),
    fc.oneof({ weight: 9, arbitrary: times }, { weight: 1, arbitrary: nickname }),
    blank,
    command,
  )
  .map(([prefix, time, gap, text]) => `${prefix}${time}${gap}${text}`)
  // Assignments and comments are not job lines.
  .filter((text) => !/^[ \t]*([^ \t]*[ \t]*=|#)/.test(text));

function compare(text: string, form: 'user' | 'system'): void {
  // cron skips blanks at the start of a line.
  const model = modelEntry(text.replace(/^[ \t]+/, ''), form);
  const { entries, problems } = parseCrontab(`${text}\n`, form);
  const start = model && modelNext(model, ANCHOR.getTime());
  if (model === null || start === null) {
    expect(entries, 'what cron refuses, or never starts, is not taken').toEqual([]);
    expect(problems).toMatchObject([{ line: 1, taken: false }]);
    return;
  }
  expect(entries).toMatchObject([
    { command: model.command, stdin: model.stdin === '' ? null : model.stdin, user: model.user },
  ]);
  const [dag] = toDags(entries);
  expect(planProblem(dag!)).toBeNull();
  let time = ANCHOR;
  for (let count = 0; count < 3; count++) {
    const expected = modelNext(model, time.getTime());
    const schedule = { timezone: 'UTC', ...(dag!.schedule as { cron: string }) };
    const fires = nextFire(schedule, time, ANCHOR);
    if (expected === null) return;
    expect(fires).toEqual(new Date(expected));
    time = new Date(expected);
  }
}

describe('the import of a line', () => {
  it.each(['user', 'system'] as const)(
    'accepts, refuses and schedules thousands of lines as cronie does (%s form)',
    (form) => {
      fc.assert(
        fc.property(line, (text) => compare(text, form)),
        { numRuns: 2_000, endOnFailure: true },
      );
    },
  );
});
