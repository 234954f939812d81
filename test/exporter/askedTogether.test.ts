import { expect, it } from 'vitest';
import { AskedTogether } from '../../exporter/api/askedTogether.ts';

it('calls that arrive while a query runs share the next query', async () => {
  const questions: string[][] = [];
  const answers: (() => void)[] = [];
  const asked = new AskedTogether<string, string>((items) => {
    questions.push([...items]);
    return new Promise((resolve) => answers.push(() => resolve(`answer ${questions.length}`)));
  });
  const first = asked.about(['a']);
  await Promise.resolve();
  expect(questions).toEqual([['a']]);
  const [second, third] = [asked.about(['b']), asked.about(['c', 'd'])];
  expect(questions).toHaveLength(1);
  answers[0]!();
  expect(await first).toBe('answer 1');
  await expect.poll(() => questions).toEqual([['a'], ['b', 'c', 'd']]);
  answers[1]!();
  expect(await Promise.all([second, third])).toEqual(['answer 2', 'answer 2']);
});

it('a failed query fails for the calls that share it, not for later ones', async () => {
  let isAway = true;
  const asked = new AskedTogether<string, string>(async () => {
    if (isAway) throw new Error('away');
    return 'there';
  });
  const together = await Promise.allSettled([asked.about(['a']), asked.about(['b'])]);
  expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  isAway = false;
  expect(await asked.about(['a'])).toBe('there');
});
