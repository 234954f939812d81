import { deflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseQuery } from '../../exporter/api/parameters.ts';
import { runLog } from '../../exporter/api/runLog.ts';
import { decodePickle } from '../../exporter/sources/pickle.ts';
import { parseAirflowStructure } from '../../exporter/sources/serializedDag.ts';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';
import type { TestExporter } from './world.ts';

describe('small input that expands to something large', () => {
  it('a pickle that refers to one string many times is refused', () => {
    const text = Buffer.alloc(60_000, 'x');
    const head = [0x80, 4, 0x5d, 0x94, 0x58, 0x60, 0xea, 0, 0, ...text, 0x94, 0x61];
    const again = Array.from({ length: 1_000 }, () => [0x68, 1, 0x61]).flat();
    expect(() => decodePickle(Uint8Array.from([...head, ...again, 0x2e]))).toThrow('expands too much');
  });

  it('a serialized DAG of many megabytes is refused unparsed', async () => {
    const json = JSON.stringify({ dag: { tasks: [{ task_id: 'x'.repeat(9 * 1024 * 1024) }] } });
    const row = { dag_id: 'd', version: 'v', data: null, data_compressed: deflateSync(json) };
    await expect(parseAirflowStructure(row, { teardownsWait: false })).rejects.toThrow();
  });

  it('a task with 20,000 upstreams is read, and requests are answered meanwhile', async () => {
    const tasks = Array.from({ length: 20_000 }, (_, n) => ({ task_id: `t${n}`, downstream_task_ids: ['join'] }));
    const data = JSON.stringify({ dag: { tasks: [...tasks, { task_id: 'join' }] } });
    const row = { dag_id: 'd', version: 'v', data };
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    const { structure } = await parseAirflowStructure(row, { teardownsWait: false });
    clearImmediate(next);
    expect(structure.get('join')!.upstream_task_ids).toHaveLength(20_000);
    expect(turns).toBeGreaterThan(5);
  });

  it('the response to thousands of wrong parameters names only some of them', () => {
    const query = new URLSearchParams(Array.from({ length: 5_000 }, (_, n) => [`p${n}`, '']));
    const answer = (): unknown => parseQuery(z.object({ limit: z.string().optional() }), query);
    expect(answer).toThrow(/p9 .*; and 4990 more$/);
  });
});

describe('logs of a run', () => {
  let world: RunbeatWorld;
  let exporter: TestExporter;

  beforeEach(async () => {
    world = await openRunbeatWorld();
    exporter = await world.start();
    await exporter.settle();
  });
  afterEach(() => world.close());

  it('come in pages of limited size, and none is lost', async () => {
    const id = await world.addRun('run', { ago: 9 });
    await world.source.pool.query(
      `insert into runbeat.task_log (dag_run_id, task_id, map_index, try_number, content)
       select $1, 'first', -1, n, n || repeat('x', 1000000) from generate_series(1, 9) n`,
      [id],
    );
    const seen: number[] = [];
    let cursor: [string, number, number] | undefined;
    for (let page = 0; page < 20; page++) {
      const { items, next_cursor } = await runLog(
        exporter.context,
        { source: 'db', dag_id: 'flow', run_id: 'run' },
        { cursor },
      );
      expect(items.reduce((sum, log) => sum + log.text.length, 0)).toBeLessThan(4 * 1024 * 1024);
      seen.push(...items.map((log) => log.try_number));
      if (next_cursor === null) break;
      cursor = JSON.parse(Buffer.from(next_cursor, 'base64url').toString()) as [string, number, number];
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('can be filtered by task, map index and try', async () => {
    const id = await world.addRun('run', { ago: 9 });
    await world.source.pool.query(
      `insert into runbeat.task_log (dag_run_id, task_id, map_index, try_number, content)
       select $1, task, index, try, task || index || try from unnest(array['first', 'second']) task,
         generate_series(0, 60) index, generate_series(1, 2) try`,
      [id],
    );
    const ask = async (query: Parameters<typeof runLog>[2]): Promise<string[]> =>
      (await runLog(exporter.context, { source: 'db', dag_id: 'flow', run_id: 'run' }, query)).items.map(
        ({ text }) => text,
      );
    expect(await ask({ task_id: 'second', map_index: 55 })).toEqual(['second551', 'second552']);
    expect(await ask({ task_id: 'second', map_index: 55, try_number: 2 })).toEqual(['second552']);
    expect(await ask({ task_id: 'second', map_index: 61 })).toEqual([]);
    expect(await ask({ limit: 2 })).toEqual(['first01', 'first02']);
  });

  it('and all other responses use their own connections, so that no poll waits for them', async () => {
    const slow = exporter.observer
      .read((reader) => (reader as unknown as { rows(sql: string): Promise<unknown> }).rows('select pg_sleep(60)'))
      .then(
        () => null,
        (error: Error) => error,
      );
    await exporter.observer.poll();
    expect(exporter.observer.isUp).toBe(true);
    expect((await slow)?.message).toMatch(/statement timeout/);
  });
});
