import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as lists from '../../exporter/api/lists.ts';
import { runDetail } from '../../exporter/api/runDetail.ts';
import { migrate } from '../../platform/postgres/migrate.ts';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';
import type { TestExporter } from './world.ts';

let world: RunbeatWorld;

beforeEach(async () => {
  world = await openRunbeatWorld();
});
afterEach(() => world.close());

async function withExporter(use: (exporter: TestExporter) => Promise<void>): Promise<void> {
  const exporter = await world.start({ keys: 'k=conf.k' });
  try {
    await exporter.settle();
    await use(exporter);
  } finally {
    await exporter.close();
  }
}

async function found(exporter: TestExporter, value: string[], limit?: number): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor: [number, number, number, string] | undefined;
  do {
    const page = await lists.lookup(exporter.context, { key: 'k', value, limit, cursor });
    pages.push(page.items.map((item) => `${item.run_id}=${item.value}`));
    cursor = page.next_cursor
      ? (JSON.parse(Buffer.from(page.next_cursor, 'base64url').toString()) as never)
      : undefined;
  } while (cursor);
  return pages;
}

/** Sets a conf as JSON text, because JavaScript would round its numbers. */
async function addConf(runId: string, ago: number, conf: string): Promise<number> {
  const id = await world.addRun(runId, { ago });
  await world.source.pool.query('update runbeat.dag_run set conf = $2::jsonb where id = $1', [id, conf]);
  return id;
}

describe('a lookup', () => {
  it('finds a number in any spelling, and a string only in its own', async () => {
    await addConf('number', 9, '{"k": 1.0}');
    await addConf('text', 8, '{"k": "1.0"}');
    await addConf('both', 7, '{"k": ["1.0", 1]}');
    await withExporter(async (exporter) => {
      expect(await found(exporter, ['1'])).toEqual([['both=1', 'number=1']]);
      expect(await found(exporter, ['1.0'])).toEqual([['both=1.0', 'text=1.0', 'number=1.0']]);
      expect(await found(exporter, ['1.0'], 1)).toEqual([['both=1.0'], ['text=1.0'], ['number=1.0']]);
      expect(await found(exporter, ['10e-1'])).toEqual([['both=10e-1', 'number=10e-1']]);
    });
  });

  it('finds a number that the index holds in the spelling of its Airflow', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'migrations-'));
    const older = (await readdir('exporter/migrations')).filter((name) => name < '0006');
    for (const name of older) await copyFile(path.join('exporter/migrations', name), path.join(folder, name));
    await migrate({ databaseUrl: world.index.url, folder, schema: 'runbeat_index' });
    await rm(folder, { recursive: true });
    await world.index.pool
      .query(`insert into runbeat_index.source (name, first_seen_us, watermark, history_top, history_cursor)
        values ('db', 1, 9, 1, 1);
      insert into runbeat_index.dag (source_id, dag_id) values (1, 'flow');
      insert into runbeat_index.business_key (key) values ('k');
      insert into runbeat_index.run (source_id, id, dag, clear_number, at_us, run_type, state, run_id, keys)
        select 1, id, 1, 0, (extract(epoch from now()) * 1000000)::bigint + id, 'manual', 'success', name, jsonb_build_object('k', array[value])
        from (values (1, 'again', '1.0'), (2, 'large', '1e+21'), (3, 'code', '007'), (4, 'again', '1.0')) v(id, name, value);
      insert into runbeat_index.run_key select 1, keys -> 'k' ->> 0, at_us, 1, id from runbeat_index.run`);
    await withExporter(async (exporter) => {
      expect(await found(exporter, ['1'])).toEqual([['again=1']]);
      expect(await found(exporter, ['1.0'])).toEqual([['again=1.0']]);
      expect(await found(exporter, [`1${'0'.repeat(21)}`])).toHaveLength(1);
      expect(await found(exporter, ['7', '007'])).toEqual([['code=007']]);
    });
  });
});

describe("a run's page", () => {
  it('shows a fraction with many digits, and says which values can’t be looked up', async () => {
    const many = Array.from({ length: 102 }, (_, at) => at).join();
    await addConf('exact', 9, `{"k": [${many}], "share": 0.12345678901234567890, "id": 12345678901234567890}`);
    await withExporter(async (exporter) => {
      const { run } = await runDetail(exporter.context, { source: 'db', dag_id: 'flow', run_id: 'exact' });
      expect(run.conf).toMatchObject({ share: '0.12345678901234567890', id: '12345678901234567890' });
      expect(run.keys.k).toHaveLength(100);
      expect(run.notes.join()).toContain('2 values of "k": beyond the first 100');
      await addConf('counted', 1, `{"k": [${many}]}`);
      await exporter.observer.poll();
      const counter = 'runbeat_key_values_left_out_total{source="db",key="k",reason="too_many"}';
      expect(await exporter.value(counter)).toBeGreaterThan(0);
    });
  });
});

describe('a run that its source has deleted', () => {
  it('is marked, and its links lead to what the index has kept', async () => {
    const id = await addConf('cleaned', 9, '{"k": 1}');
    await addConf('kept', 8, '{"k": 1}');
    await withExporter(async (exporter) => {
      await world.source.pool.query('delete from runbeat.dag_run where id = $1', [id]);
      const { items } = await lists.lookup(exporter.context, { key: 'k', value: ['1'] });
      expect(items.map((item) => [item.run_id, item.gone, item.links.external])).toEqual([
        ['kept', false, null],
        ['cleaned', true, null],
      ]);
      const { run } = await runDetail(exporter.context, { source: 'db', dag_id: 'flow', run_id: 'cleaned' });
      expect(run.gone).toBe(true);
    });
  });

  it('and that was created again with its run_id is found once, and the list of runs marks the deleted one', async () => {
    const id = await addConf('again', 9, '{"k": 1}');
    await withExporter(async (exporter) => {
      await world.source.pool.query('delete from runbeat.dag_run where id = $1', [id]);
      const next = await addConf('again', 3, '{"k": 1}');
      await exporter.observer.poll();
      expect(next).toBeGreaterThan(id);
      const { items } = await lists.lookup(exporter.context, { key: 'k', value: ['1'] });
      expect(items.map((item) => [item.run_id, item.gone])).toEqual([['again', false]]);
      const listed = await lists.runs(exporter.context, {});
      expect(listed.items.map((run) => [run.run_id, run.gone])).toEqual([
        ['again', false],
        ['again', true],
      ]);
    });
  });
});
