import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../platform/postgres/migrate.ts';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';

let world: RunbeatWorld;
let folder: string;

beforeEach(async () => {
  world = await openRunbeatWorld();
  folder = await mkdtemp(path.join(tmpdir(), 'migrations-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
  await world.close();
});

describe('an index of 0.1.0', () => {
  it('is upgraded: its counters continue, its runs are found, and nothing is counted again', async () => {
    await copyFile('exporter/migrations/0001_index.sql', path.join(folder, '0001_index.sql'));
    await migrate({ databaseUrl: world.index.url, folder, schema: 'runbeat_index' });
    const ended = await world.addRun('ended', { ago: 50, conf: { user_id: 1 } });
    const active = await world.addRun('active', { ago: 40, state: 'running', conf: { user_id: 1 } });
    await writeOldIndex(ended, active);

    const exporter = await world.start({ keys: 'user_id=conf.user_id' });
    try {
      await exporter.settle();
      const runs = 'runbeat_runs_finished_total{source="db",dag_id="flow",state="success"}';
      const tasks = 'runbeat_tasks_finished_total{source="db",dag_id="flow",state="success"}';
      expect([await exporter.value(runs), await exporter.value(tasks)]).toEqual([7, 13]);
      expect(await exporter.value('runbeat_outages_total{source="db"}')).toBe(1);
      await world.addRun('new', { ago: 5, conf: { user_id: 1 } });
      await exporter.observer.poll();
      expect([await exporter.value(runs), await exporter.value(tasks)]).toEqual([8, 15]);
      const found = await exporter.index.lookup('user_id', ['1'], {}, undefined, 9);
      expect(found.map((run) => run.run_id)).toEqual(['new', 'active', 'ended']);
    } finally {
      await exporter.close();
    }
  });
});

/** Writes an index as an exporter of 0.1.0 left it, with `ended` and the first task of `active` counted. */
async function writeOldIndex(ended: number, active: number): Promise<void> {
  const us = (stamp: string): string => `(extract(epoch from ${stamp}) * 1000000)::bigint`;
  const { rows } = await world.source.pool.query<Record<string, string>>(
    `select r.id, r.run_id, r.state, ${us('r.queued_at')} as queued, ${us('r.start_date')} as start, ${us('r.end_date')} as end,
       (select ${us('t.end_date')} from runbeat.task_instance t where t.dag_run_id = r.id and t.task_id = 'first') as first
     from runbeat.dag_run r order by r.id`,
  );
  const run = async (text: string, values: unknown[] = []): Promise<void> => {
    await world.index.pool.query(text, values);
  };
  await run(
    `insert into runbeat_index.source (name, first_seen_us, watermark, history_top, history_cursor) values ('db', 1, $1, 1, 1)`,
    [active],
  );
  await run(`insert into runbeat_index.dag (source_id, dag_id) values (1, 'flow')`);
  await run(`insert into runbeat_index.business_key (key) values ('user_id')`);
  for (const row of rows) {
    await run(
      `insert into runbeat_index.run (source_id, id, dag, clear_number, at_us, queued_us, start_us, end_us, counted_us, run_type, state, run_id, keys)
       values (1, $1, 1, 0, $2, $2, $3, $4, $4, 'manual', $5, $6, '{"user_id": ["1"]}')`,
      [row.id, row.queued, row.start, row.end, row.state, row.run_id],
    );
    await run(`insert into runbeat_index.run_key values (1, '1', $1, 1, $2)`, [row.queued, row.id]);
  }
  const first = rows.find((row) => Number(row.id) === active)!.first;
  await run(`insert into runbeat_index.emitted_task values (1, $1, 'first', -1, $2)`, [active, first]);
  expect(Number(rows[0]!.id)).toBe(ended);
  await run(`insert into runbeat_index.series values
    (1, 'runbeat_runs_finished_total', '{flow,success}', 7, 0, '{}'),
    (1, 'runbeat_tasks_finished_total', '{flow,success}', 13, 0, '{}'),
    (1, 'runbeat_outages_total', '{}', 1, 0, '{}')`);
  await run(`insert into runbeat_index.outage values (1, 1000, 2000)`);
}
