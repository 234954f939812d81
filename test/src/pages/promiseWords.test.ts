import { expect, it } from 'vitest';
import type { PromiseStatus } from '../../../shared/api.ts';
import { percent, promiseWords } from '../../../src/pages/promises/words.ts';

type Promised = Pick<PromiseStatus, 'kind' | 'limit_seconds' | 'share'> & Partial<PromiseStatus>;

it.each<[Promised, string]>([
  [{ kind: 'ends_within', limit_seconds: 180, share: 0.95 }, '95% of runs end within 3 min'],
  [{ kind: 'starts_within', limit_seconds: 30, share: 0.999 }, '99.9% of runs start within 30 s'],
  [{ kind: 'succeeded_within', limit_seconds: 86_400, share: 1 }, 'a run succeeds at least every 1 d'],
  [
    {
      kind: 'done_by',
      limit_seconds: null,
      share: 1,
      done_by: { time: '06:00', timezone: 'Europe/Berlin', days: 'mon-fri' },
    },
    'done by 06:00 Europe/Berlin, mon-fri',
  ],
  [
    { kind: 'journey', limit_seconds: 180, share: 0.95, journey: { key: 'user_id', from: 'arrivals' } },
    '95% of journeys of user_id from arrivals end within 3 min',
  ],
])('says %j in words', (promise, words) => {
  expect(promiseWords({ done_by: null, journey: null, ...promise })).toBe(words);
});

it('does not round a smaller share up to 100%', () => {
  expect([percent(0.9999), percent(1), percent(-0.25)]).toEqual(['99.9%', '100%', '-25%']);
});
