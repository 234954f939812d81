import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { airflow2Dialect } from '../../exporter/sources/airflow2.ts';
import { jsonConf } from '../../exporter/sources/jsonConf.ts';
import { parseKeyRules } from '../../exporter/sources/keys.ts';
import type { RunKeys } from '../../exporter/sources/rows.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const { rules } = parseKeyRules('k=conf.k,deep=conf.a.b');

/** Business keys of a conf in a JSONB column, as Airflow 3 stores it. */
async function fromJson(conf: string): Promise<RunKeys> {
  const { rows } = await database.pool.query<Record<string, unknown>>(
    `select 'r' as run_id ${jsonConf.keyColumns(rules)} from (select $1::jsonb as conf) r`,
    [conf],
  );
  return jsonConf.keysOf(rows[0]!, rules);
}

/** The same for a pickle, as Airflow 2 stores it. */
function fromPickle(bytes: string): RunKeys {
  const dialect = airflow2Dialect('', {
    clearNumber: true,
    history: true,
    executors: true,
    tags: true,
    importErrors: true,
    triggers: true,
    assetEvents: true,
  });
  const pickle = Buffer.from(bytes, 'hex');
  return dialect.keysOf({ run_id: 'r', pickle, pickle_size: pickle.length }, rules);
}

describe('business keys of a conf', () => {
  it('are spelled the same whether Airflow 2 pickled the conf or Airflow 3 wrote it as JSON', async () => {
    // json.dumps(conf) and pickle.dumps(conf, 5) of the same dict in CPython 3.11.
    const [three, two] = [await fromJson(JSON_CONF), fromPickle(PICKLED_CONF)];
    expect(three).toEqual(two);
    expect(three.keys).toEqual({
      k: [
        '1',
        '1000000000000000000000',
        '0.0000001',
        '0.1',
        '12345678901234567890',
        '0.12345678901234568',
        '10000000000000000',
        '0',
        '5',
        '6',
        'true',
        '1.0',
        '1e5',
      ],
      deep: ['x', 'y'],
    });
    expect(three.leftOut).toEqual([]);
  });

  it('keep every digit of a number that JavaScript can’t represent', async () => {
    const { keys } = await fromJson('{"k": [0.12345678901234567890123, 12345678901234567890.5, 1e30]}');
    expect(keys.k).toEqual(['0.12345678901234567890123', '12345678901234567890.5', `1${'0'.repeat(30)}`]);
  });

  it('name the values that were left out', async () => {
    const many = Array.from({ length: 103 }, (_, at) => at);
    const { keys, leftOut } = await fromJson(JSON.stringify({ k: ['x'.repeat(513), ...many], a: { b: 'fine' } }));
    expect(keys.k).toHaveLength(100);
    expect(leftOut).toEqual([
      { key: 'k', reason: 'too_many', count: 3 },
      { key: 'k', reason: 'too_long', count: 1 },
    ]);
  });

  it('of a conf with half a surrogate pair or a datetime lack only that value, and say so', () => {
    expect(fromPickle(LONE_SURROGATE)).toEqual({
      keys: { k: ['1'] },
      refused: null,
      leftOut: [{ key: 'k', reason: 'unreadable', count: 1 }],
    });
  });

  it('of a conf that is too large are empty, and say so', async () => {
    expect(await fromJson(JSON.stringify({ k: 'x'.repeat(1024 * 1024) }))).toEqual({
      keys: {},
      refused: 'too_large',
      leftOut: [],
    });
  });
});

const JSON_CONF =
  '{"k": [1.0, 1e+21, 1e-07, 0.1, 12345678901234567890, 0.12345678901234568, 1e+16, -0.0, [[5], 6], true, "1.0", "1e5", null, {}], "a": [[{"b": ["x"]}], {"b": "y"}]}';
const PICKLED_CONF =
  '80059594000000000000007d94288c016b945d9428473ff000000000000047444b1ae4d6e2ef50473e7ad7f29abcaf48473fb999999999999a8a09d20a1feb8ca954ab00473fbf9add3746f65f474341c37937e080004780000000000000005d94285d944b05614b0665888c03312e30948c03316535944e7d94658c0161945d94285d947d948c0162945d948c0178946173617d94680c8c0179947365752e';
const LONE_SURROGATE = '80059514000000000000007d948c016b945d94288c03eda080944b0165732e';
