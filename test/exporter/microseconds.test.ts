import { afterAll, beforeAll, expect, it } from 'vitest';
import { us } from '../../exporter/sources/dialect.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Microseconds of `given`, beside those that exact arithmetic gives. */
async function wrong(given: string): Promise<{ moments: number; wrong: number }> {
  const { rows } = await database.pool.query<{ moments: number; wrong: number }>(
    `select count(*)::int as moments, count(*) filter (where ${us('at')} is distinct from (extract(epoch from at) * 1000000)::bigint)::int as wrong
     from (${given}) given(at)`,
  );
  return rows[0]!;
}

it('a timestamp is read to the microsecond', async () => {
  const any = `select timestamptz '1900-01-01 UTC' + floor(random() * 127835 * 86400)::bigint * interval '1 second'
      + floor(random() * 1000000)::bigint * interval '1 microsecond' from generate_series(1, 100000)`;
  expect(await wrong(any)).toEqual({ moments: 100_000, wrong: 0 });
});

it.each(['1900-01-01 00:00:00.1 UTC', '1970-01-01 UTC', '2040-01-01 UTC', '2249-12-31 UTC'])(
  'also around %s',
  async (moment) => {
    const around = `select timestamptz '${moment}' + n * interval '1 microsecond' from generate_series(-20000, 20000) n`;
    expect(await wrong(around)).toEqual({ moments: 40_001, wrong: 0 });
  },
);

it('infinity, and a timestamp that a number can’t hold exactly, count as missing', async () => {
  const { rows } = await database.pool.query(
    `select ${us('at')} as us from (values ('infinity'::timestamptz), ('-infinity'), ('1899-12-31 UTC'), ('2250-01-02 UTC'),
       ('294276-12-31 UTC'), (null)) given(at)`,
  );
  expect(rows).toEqual(Array.from({ length: 6 }, () => ({ us: null })));
});
