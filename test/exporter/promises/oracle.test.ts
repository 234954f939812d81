import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRunbeatWorld, type RunbeatWorld } from '../runbeatWorld.ts';
import type { TestExporter } from '../world.ts';
import { DAGS, FRESH_SECONDS, MixedRuns, ORACLE } from './mixedRuns.ts';

/** RUNBEAT_ORACLE_RUNS=1000000 is the full size. */
const RUNS = Number(process.env.RUNBEAT_ORACLE_RUNS ?? 4_000);
const BATCH = Math.min(5_000, Math.ceil(RUNS / 20));
const PROMISES = [
  { name: 'quick', dags: '*', ends_within: '1m', share: '90%' },
  { name: 'starts', dags: { dag_id: 'b*' }, starts_within: '30s', share: '90%' },
  { name: 'fresh', dags: 'rare', succeeded_within: `${FRESH_SECONDS}s` },
];

let world: RunbeatWorld;
let exporter: TestExporter;

const start = (): Promise<TestExporter> => world.start({ promises: PROMISES });

beforeAll(async () => {
  world = await openRunbeatWorld();
  for (const dag of DAGS) if (dag !== 'flow') await world.addDag(dag);
  exporter = await start();
  await exporter.settle();
});
afterAll(() => world.close());

async function sourceClock(): Promise<Date> {
  const { rows } = await world.source.pool.query<{ now: Date }>('select clock_timestamp() as now');
  return rows[0]!.now;
}

it(
  'verdicts equal plain SQL over runs of every kind, through restarts',
  async () => {
    const runs = new MixedRuns(world.source.pool);
    await runs.prepare();
    for (let from = 0; from < RUNS; from += BATCH) {
      await runs.batch(Math.min(BATCH, RUNS - from), await sourceClock());
      if ((from / BATCH) % 5 === 2) {
        await exporter.close();
        exporter = await start();
      }
      while (await exporter.observer.poll());
    }
    await runs.endLasting(await sourceClock());
    await exporter.settle();
    const { rows } = await exporter.indexPool.query(
      `select labels[2] || ',' || labels[1] || ',' || labels[3] as labels, count::int as count from series
       where metric = 'runbeat_promise_runs_total' and count > 0 order by 1`,
    );
    const [first] = (
      await exporter.indexPool.query<{ watched: Date; read: Date }>(
        `select 'epoch'::timestamptz + d.watched_us * interval '1 us' as watched, 'epoch'::timestamptz + s.read_until_us * interval '1 us' as read
         from dag_state d join source s on s.id = d.source_id where d.dag_id = 'rare'`,
      )
    ).rows;
    const { rows: expected } = await world.source.pool.query<{ labels: string; count: number }>(ORACLE, [
      first!.watched,
      first!.read,
    ]);
    expect(rows).toEqual(expected);
    // On a fast machine, the test ends before a success of the DAG without runs is late.
    expect(expected.length).toBeGreaterThanOrEqual(2 * (DAGS.length + 2 + 1) - 1);
    const { rows: days } = await exporter.indexPool.query('select sum(kept + broken)::int as count from promise_day');
    expect(days[0].count).toBe(expected.reduce((sum, row) => sum + row.count, 0));
  },
  RUNS * 5 + 120_000,
);
