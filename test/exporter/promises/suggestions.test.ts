import { describe, expect, it } from 'vitest';
import { promiseSuggestions, suggestionsOf } from '../../../exporter/api/suggestions.ts';
import { parsePromises } from '../../../exporter/promises/parse.ts';
import { parse } from 'yaml';
import { loadFixture } from '../../airflow/lab/fixture.ts';
import { createTestDatabase, type TestDatabase } from '../../postgres/database.ts';
import { createExporter } from '../world.ts';

const DAG = 'branches_join';

async function suggested(source: TestDatabase): Promise<[string, string, number, string][]> {
  const index = await createTestDatabase();
  const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url });
  try {
    await exporter.settle();
    const { items } = await promiseSuggestions(exporter.context, {});
    return items.map(({ dag_id, origin, limit_seconds, yaml }) => [dag_id, origin, limit_seconds, yaml]);
  } finally {
    await exporter.close();
    await index.drop();
  }
}

/** Sets an attribute of the serialized DAG. */
const serialize = (source: TestDatabase, attribute: string, value: unknown): Promise<unknown> =>
  source.pool.query(
    `update serialized_dag set data = jsonb_set(data::jsonb, array['dag', $2::text], $3::jsonb)::text::json where dag_id = $1`,
    [DAG, attribute, JSON.stringify(value)],
  );

describe.each(['airflow-2.11.0', 'airflow-3.1.8', 'airflow-3.3.2', 'airflow-3.4.0b2'] as const)(
  'the rows of a real %s',
  (fixture) => {
    it('suggest a limit of runs as a valid entry', async () => {
      const source = await createTestDatabase();
      await loadFixture(source.url, fixture, { takenAt: new Date() });
      expect(await suggested(source)).toEqual([]);
      await serialize(source, 'dagrun_timeout', 300.0);
      const found = await suggested(source);
      expect(found.map(([dag, ...rest]) => [dag, ...rest.slice(0, 2)])).toEqual([[DAG, 'dagrun_timeout', 300]]);
      const read = parsePromises(parse(found[0]![3]), { sources: ['db'], keys: [], pollUs: 2e6 });
      expect(read).toMatchObject({ problems: [], rules: [{ kind: 'ends_within', limitUs: 300e6 }] });
      await source.drop();
    });
  },
);

describe.each(['airflow-3.3.2', 'airflow-3.4.0b2'] as const)('the deadlines of %s', (fixture) => {
  it('are read from their own table, and the shortest one of each DAG counts', async () => {
    const source = await createTestDatabase();
    await loadFixture(source.url, fixture, { takenAt: new Date() });
    const ids = ['019a0000-0000-7000-8000-000000000001', '019a0000-0000-7000-8000-000000000002'];
    await serialize(source, 'deadline', ids);
    // Without the table, or without the right to read it, they are unknown.
    expect(await suggested(source)).toEqual([]);
    await source.pool.query(`create table deadline_alert (id uuid primary key, created_at timestamptz not null,
      serialized_dag_id uuid not null, name varchar(250), description text, reference json not null,
      interval float not null, callback_def json not null)`);
    await source.pool.query(
      `insert into deadline_alert select v.id, now(), s.id, null, null, '{"reference_type": "DagRunQueuedAtDeadline"}', seconds, '{}'
       from serialized_dag s, (values ($2::uuid, 900), ($3::uuid, 600)) as v(id, seconds) where s.dag_id = $1`,
      [DAG, ...ids],
    );
    expect((await suggested(source)).map(([dag, ...rest]) => [dag, ...rest.slice(0, 2)])).toEqual([
      [DAG, 'deadline', 600],
    ]);
    await source.drop();
  });
});

it('all suggestions can be copied into one file, together with the promises that it has', () => {
  const long = 'a'.repeat(249);
  const limits = (
    [
      ['one', 'flow', 'dagrun_timeout', 300],
      ['one', 'flow', 'deadline', 200.5],
      ['two', 'flow', 'dagrun_timeout', 86_400],
      ['one', `${long}b`, 'dagrun_timeout', 1e-9],
      ['one', `${long}b`, 'dagrun_timeout', 90],
      ['one', `${long}c`, 'dagrun_timeout', 1e6 + 1 / 3],
      ['one', 'a "odd\\\n" ü 💥*', 'dagrun_timeout', 60],
      ['one', '💥'.repeat(120), 'dagrun_timeout', 60],
      ['one', 'endless', 'dagrun_timeout', 1e9],
      ['one', 'never', 'dagrun_timeout', Infinity],
    ] as const
  ).map(([source, dag_id, origin, seconds]) => ({ source, dag_id, origin, seconds }));
  const own = [{ name: 'flow ends in time', dags: 'flow', done_by: '07:00', timezone: 'UTC' }];
  const suggested = suggestionsOf(limits, ['flow ends in time']);
  const given = [...own, ...suggested.flatMap(({ yaml }) => parse(yaml) as unknown[])];
  const read = parsePromises(given, { sources: ['one', 'two'], keys: [], pollUs: 2e6 });
  expect(read.problems).toEqual([]);
  expect(read.rules).toHaveLength(1 + suggested.length);
  expect(suggested.map(({ dag_id, limit_seconds }) => [dag_id.slice(0, 8), limit_seconds])).toEqual([
    ['flow', 300],
    ['flow', 200.5],
    ['flow', 86_400],
    ['aaaaaaaa', 90],
    ['aaaaaaaa', 1e6 + 1 / 3],
    ['a "odd\\\n', 60],
    ['💥'.repeat(4), 60],
  ]);
});
