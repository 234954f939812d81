import { expect, it } from 'vitest';
import { AnswersUnderWay, type Json } from '../../exporter/api/answersUnderWay.ts';

const text = (answer: Json): string => Buffer.concat(answer.pieces).toString();

it('identical requests at the same time share one answer', async () => {
  const underWay = new AnswersUnderWay();
  let asked = 0;
  const make = (): Promise<object> => Promise.resolve({ asked: (asked += 1) });
  const together = [underWay.share('/a', make), underWay.share('/a', make), underWay.share('/b', make)];
  expect((await Promise.all(together)).map(text)).toEqual(['{"asked":1}', '{"asked":1}', '{"asked":2}']);
  expect(text(await underWay.share('/a', make))).toBe('{"asked":3}');
});

it('a failed answer fails for the requests that wait for it, not for later ones', async () => {
  const underWay = new AnswersUnderWay();
  const fail = (): never => {
    throw new Error('away');
  };
  const together = await Promise.allSettled([underWay.share('/a', fail), underWay.share('/a', () => 1)]);
  expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(text(await underWay.share('/a', () => 1))).toBe('1');
});
