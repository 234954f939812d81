import { expect, it } from 'vitest';
import type { AttemptLog } from '../../../shared/api.ts';
import { whyFailed } from '../../../src/pages/run/whyFailed.ts';
import { failedOnboarding } from '../panels/plans.ts';

const detail = failedOnboarding();
const failed = detail.tasks.find((task) => task.state === 'failed')!;
const log = (part: Partial<AttemptLog>): AttemptLog => ({
  ...{ task_id: failed.task_id, map_index: failed.map_index, try_number: failed.try_number, truncated: false },
  text: 'one\ntwo\n\nthree\nfour\nfive\nsix  \nthe command ended with exit status 3\n\n',
  ...part,
});

it('names the task and its try, and ends with the last lines of its output', () => {
  const [why] = whyFailed(detail, [log({ try_number: 1, text: 'of an earlier try' }), log({})]);
  expect(why).toMatchObject({
    name: failed.task_id,
    lines: ['three', 'four', 'five', 'six', 'the command ended with exit status 3'],
  });
  expect(why!.tries).toMatch(/^try 3/);
});

it.each([
  [null, 2, 'try 2'],
  [2, 2, 'try 2 of 3'],
  [0, 1, 'try 1 of 1'],
  [1, 5, 'try 5 of 5'],
])('with %s retries allowed, attempt %s is %s', (max_tries, try_number, tries) => {
  expect(whyFailed({ tasks: [{ ...failed, max_tries, try_number }] }, null)[0]!.tries).toBe(tries);
});

it('says what is known if the source keeps no logs', () => {
  expect(whyFailed(detail, null)[0]).toMatchObject({ name: failed.task_id, lines: [] });
});

it('lists the first failed task first, without tasks that only failed because of others', () => {
  const later = { ...failed, task_id: 'later', end_date: '2999-01-01T00:00:00Z' };
  expect(whyFailed({ tasks: [later, ...detail.tasks] }, null).map(({ name }) => name)).toEqual([
    failed.task_id,
    'later',
  ]);
});

it('truncates a line that is too long for a header', () => {
  expect(whyFailed(detail, [log({ text: 'x'.repeat(5_000) })])[0]!.lines[0]!.length).toBeLessThan(400);
});
