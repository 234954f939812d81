import { expect, it } from 'vitest';
import { jsonMembers } from '../../exporter/api/jsonPieces.ts';

function* counting(count: number): Generator<{ n: number; text: string }> {
  for (let n = 0; n < count; n++) yield { n, text: `ü "${n}"` };
}

it.each([0, 1, 99, 100, 101, 250])(
  'an object with a generator of %i elements is serialized like one with an array',
  (count) => {
    const written = jsonMembers({ first: null, many: counting(count), none: counting(0), last: ['é', { a: 1 }] });
    const plain = JSON.stringify({ first: null, many: [...counting(count)], none: [], last: ['é', { a: 1 }] });
    expect(`{${Buffer.concat(written).toString()}`).toBe(plain);
  },
);
