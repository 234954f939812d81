import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';
import type { TestExporter } from './world.ts';

let world: RunbeatWorld;
let exporter: TestExporter;

const start = (): Promise<TestExporter> => world.start({ keys: 'user_id=conf.user_id' });

beforeEach(async () => {
  world = await openRunbeatWorld();
});
afterEach(() => world.close());

/** Characters with a meaning in the text format of COPY or in JSON. */
const HOSTILE = [
  'a\tb',
  'a\\tb',
  'a\nb',
  'a\r\nb',
  '\\N',
  '\\.',
  '\\',
  'quote \' and "',
  '{"a": [1]}',
  'Zoë 🦊',
  '\u007f\b',
];

describe('the history', () => {
  it('keeps names and values exactly, whatever characters they have', async () => {
    for (const [at, text] of HOSTILE.entries()) {
      await world.addDag(`dag ${text}`);
      await world.addRun(`run ${text}`, { dag_id: `dag ${text}`, conf: { user_id: text }, ago: 1000 - at });
    }
    exporter = await start();
    await exporter.settle();
    for (const text of HOSTILE) {
      const found = await exporter.index.lookup('user_id', [text], {}, undefined, 5);
      expect(found).toMatchObject([
        { dag_id: `dag ${text}`, run_id: `run ${text}`, value: text, keys: { user_id: [text] }, state: 'success' },
      ]);
      expect(await exporter.index.run('db', `dag ${text}`, `run ${text}`)).toMatchObject({ id: found[0]!.id });
    }
  });

  it('is stored once if it is read twice, and does not overwrite newer data in the index', async () => {
    for (let n = 0; n < 5; n++) await world.addRun(`run_${n}`, { conf: { user_id: [n, 'all'] }, ago: 900 - n });
    exporter = await start();
    await exporter.settle();
    await world.index.pool.query(`update runbeat_index.run set slowest_us = 7 where run_id = 'run_3';
      delete from runbeat_index.run_key where run = (select id from runbeat_index.run where run_id = 'run_1');
      delete from runbeat_index.run where run_id = 'run_1';
      update runbeat_index.source set history_cursor = history_top`);
    await exporter.close();
    exporter = await start();
    await exporter.settle();
    const found = await exporter.index.lookup('user_id', ['all'], {}, undefined, 9);
    expect(found.map((run) => run.run_id)).toEqual(['run_4', 'run_3', 'run_2', 'run_1', 'run_0']);
    expect(found.map((run) => run.slowest_us)).toEqual([null, 7, null, null, null]);
  });
});
