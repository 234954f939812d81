import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { outages } from '../../exporter/api/outages.ts';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';

const HOUR_US = 3_600_000_000;

let world: RunbeatWorld;
beforeEach(async () => {
  world = await openRunbeatWorld();
});
afterEach(() => world.close());

describe('a page of outages', () => {
  it('names the runs that each outage delayed, with as many queries for ten outages as for one', async () => {
    const runs = [];
    for (let at = 0; at < 3; at++) runs.push(await world.addRun(`r${at}`, { conf: { user_id: at }, ago: 60 }));
    await world.addRun('lasts', { state: 'running', conf: { user_id: 9 }, ago: 300 });
    const exporter = await world.start({ keys: 'user_id=conf.user_id' });
    try {
      await exporter.settle();
      const insert = async (hour: number): Promise<number> => {
        const from = hour * HOUR_US;
        await exporter.indexPool.query(
          'insert into outage (source_id, from_us, to_us) select id, $1, $1::bigint + 60000000 from source',
          [from],
        );
        return from;
      };
      const delay = (from: number, run: number, seconds: number): Promise<unknown> =>
        exporter.indexPool.query(
          'insert into outage_run (source_id, from_us, run, delayed_us) select id, $1, $2, $3 from source',
          [from, run, seconds * 1e6],
        );
      for (let hour = 1; hour <= 9; hour++) await insert(hour);
      const tenth = await insert(10);
      await delay(tenth, runs[0]!, 5);
      await delay(tenth, runs[1]!, 7);
      await delay(9 * HOUR_US, runs[2]!, 3);
      const began = Math.floor(Date.now() / 1000 - 200) * 1e6;
      await exporter.indexPool.query('insert into outage (source_id, from_us, to_us) select id, $1, $2 from source', [
        began,
        began + 100e6,
      ]);

      const asked = vi.spyOn(exporter.indexPool, 'query');
      await outages(exporter.context, { limit: 1 });
      const forOne = asked.mock.calls.length;
      asked.mockClear();
      const { items } = await outages(exporter.context, { limit: 10 });
      expect(asked.mock.calls.length).toBe(forOne);
      expect(items.slice(0, 4).map((item) => item.delayed_runs.map((run) => [run.run_id, run.keys.user_id]))).toEqual([
        [['lasts', ['9']]],
        [
          ['r1', ['1']],
          ['r0', ['0']],
        ],
        [['r2', ['2']]],
        [],
      ]);
    } finally {
      await exporter.close();
    }
  });
});
