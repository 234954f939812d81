import { describe, expect, it } from 'vitest';
import { runDetail } from '../../exporter/api/runDetail.ts';
import { StructureCache } from '../../exporter/collectors/structures.ts';
import { AIRFLOW2, AIRFLOW2_HISTORY, AIRFLOW3, AIRFLOW34, type Columns } from '../../exporter/sources/columns.ts';
import { probe, refuseOldServer } from '../../exporter/sources/probe.ts';
import { SourceReader } from '../../exporter/sources/reader.ts';
import { loadFixture, SCHEMA_FIXTURES } from '../airflow/lab/fixture.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { createExporter } from './world.ts';

const KEYS = 'user_id=conf.user_id';

describe('a DAG of Airflow 3 whose next run is due', () => {
  it.each(['airflow-3.3.2', 'airflow-3.4.0b2'] as const)(
    'is left out if %s would not create that run',
    async (name) => {
      const source = await createTestDatabase();
      await loadFixture(source.url, name);
      const reader = new SourceReader(source.pool, await probe(source.pool), []);
      const dueAfter = async (change: string): Promise<string[]> => {
        await source.pool.query(`update dag set ${change} where dag_id = 'user_flow'`);
        return (await reader.due()).map(({ dag_id: id }) => id);
      };
      expect(await dueAfter("next_dagrun_create_after = now() - interval '1 minute'")).toEqual(['user_flow']);
      // A person has ended a run. The DAG has room again, but Airflow has not noticed.
      expect(await dueAfter('exceeds_max_non_backfill = true')).toEqual([]);
      expect(await dueAfter('exceeds_max_non_backfill = false')).toEqual(['user_flow']);
      expect(await dueAfter(`allowed_run_types = '["manual"]'`)).toEqual([]);
      expect(await dueAfter(`allowed_run_types = '["manual", "scheduled"]'`)).toEqual(['user_flow']);
      expect(await dueAfter("allowed_run_types = 'null'")).toEqual(['user_flow']);
      await source.drop();
    },
  );
});

describe('a scheduled run that is due', () => {
  it.each([
    ['is overdue', true],
    ['is not overdue if the schedulers create no scheduled runs (use_job_schedule)', false],
  ])('%s', async (_, useJobSchedule) => {
    const [source, index] = [await createTestDatabase(), await createTestDatabase()];
    await loadFixture(source.url, 'airflow-3.3.2');
    await source.pool.query(`update dag_run set state = 'success' where state in ('queued', 'running')`);
    await source.pool.query(
      `update dag set is_paused = dag_id <> 'user_flow', next_dagrun_create_after = now() - interval '1 minute'`,
    );
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, source: { useJobSchedule } });
    await exporter.settle();
    await exporter.observer.poll();
    expect(exporter.observer.waits.oldest?.dag_id ?? null).toBe(useJobSchedule ? 'user_flow' : null);
    await exporter.close();
    await Promise.all([source.drop(), index.drop()]);
  });
});

describe('a DAG of Airflow 3', () => {
  const teamAfter = async (tables: string): Promise<string | null> => {
    const source = await createTestDatabase();
    await loadFixture(source.url, 'airflow-3.3.2');
    await source.pool.query(`${tables}; update dag set bundle_name = 'ours' where dag_id = 'user_flow'`);
    const reader = new SourceReader(source.pool, await probe(source.pool), []);
    const { team } = (await reader.dags()).find(({ dag_id: id }) => id === 'user_flow')!;
    await source.drop();
    return team;
  };

  it('belongs to the team of its bundle since 3.2; 3.1 named teams by an id that nothing used', async () => {
    const table = 'create table dag_bundle_team (dag_bundle_name text primary key';
    const since32 = `${table}, team_name text); insert into dag_bundle_team values ('ours', 'one')`;
    expect(await teamAfter(since32)).toBe('one');
    expect(await teamAfter(`${table}, team_id uuid)`)).toBeNull();
    expect(await teamAfter('select')).toBeNull();
  });
});

describe('a run of a backfill of Airflow 3', () => {
  it('has the ordinal that Airflow gave it, if the role may read it', async () => {
    const source = await createTestDatabase();
    await loadFixture(source.url, 'airflow-3.3.2');
    await source.pool.query("update dag_run set backfill_id = 7 where run_id = 'lab_paused'");
    const ordinalOf = async (): Promise<number | null> => {
      const reader = new SourceReader(source.pool, await probe(source.pool), []);
      return (await reader.runsAfter(0, 1_000)).find(({ run_id: id }) => id === 'lab_paused')!.backfill_ordinal;
    };
    expect(await ordinalOf()).toBeNull();
    await source.pool.query(`
      create table backfill_dag_run (id int, backfill_id int, dag_run_id int, sort_ordinal int);
      insert into backfill_dag_run select 1, 7, id, 3 from dag_run where run_id = 'lab_paused'`);
    expect(await ordinalOf()).toBe(3);
    await source.drop();
  });
});

describe('a server', () => {
  it('that lacks what every poll needs is refused by its version', () => {
    expect(() => refuseOldServer('12.22')).toThrow('PostgreSQL 12.22 is too old. Runbeat needs PostgreSQL 13 or newer');
    expect(() => refuseOldServer('9.6.24')).toThrow('PostgreSQL 9.6.24 is too old');
    for (const version of ['13.23', '18.4', '15.18 (Debian 15.18-0+deb12u1)', '19beta1'])
      expect(() => refuseOldServer(version)).not.toThrow();
  });
});

describe('callbacks of deadlines in Airflow 3', () => {
  it('count if an executor holds them and the role may read them', async () => {
    const source = await createTestDatabase();
    await loadFixture(source.url, 'airflow-3.3.2');
    const counted = async (): Promise<number> =>
      new SourceReader(source.pool, await probe(source.pool), []).executorCallbacks();
    expect(await counted()).toBe(0);
    await source.pool.query(`create table callback (type text, state text);
      insert into callback values ('executor', 'pending'), ('executor', 'queued'), ('executor', 'running'),
        ('executor', 'success'), ('triggerer', 'running'), ('dag_processor', null)`);
    expect(await counted()).toBe(2);
    await source.drop();
  });
});

describe('a task of Airflow 3.4 that is mapped inside of a loop', () => {
  it('is distinct in each iteration if the role may read the regions', async () => {
    const source = await createTestDatabase();
    await loadFixture(source.url, 'airflow-3.4.0b2');
    const { rows } = await source.pool.query(
      "select id::int, dag_id, run_id from dag_run where dag_id = 'mapped' and run_id = 'lab_mapped'",
    );
    const [run] = rows as [{ id: number; dag_id: string; run_id: string }];
    // The loop's region, and one in each of its two iterations with instances 0 to 4.
    await source.pool.query(`
      create table if not exists dynamic_region (id uuid primary key, parent_region_id uuid, parent_region_index int);
      insert into dynamic_region (id) values ('00000000-0000-0000-0000-00000000000a');
      insert into dynamic_region (id, parent_region_id, parent_region_index)
        select ('00000000-0000-0000-0000-00000000001' || n)::uuid, '00000000-0000-0000-0000-00000000000a', n
          from generate_series(0, 1) n;
      insert into task_instance
        select (jsonb_populate_record(t, jsonb_build_object('id', gen_random_uuid(),
          'region_id', '00000000-0000-0000-0000-000000000011'))).* from task_instance t where t.dag_id = 'mapped' and t.task_id = 'square';
      update task_instance set region_id = '00000000-0000-0000-0000-000000000010'
        where dag_id = 'mapped' and task_id = 'square' and region_id <> '00000000-0000-0000-0000-000000000011'`);
    const reader = new SourceReader(source.pool, await probe(source.pool), []);
    const indexes = (await reader.tasksOf([run]))
      .filter((task) => task.task_id === 'square')
      .map((task) => task.map_index);
    expect(indexes.sort()).toEqual([0, 1].flatMap((loop) => [0, 1, 2, 3, 4].map((n) => (loop + 1) * 1_000_000 + n)));
    await source.drop();
  });
});

describe('the structure of a DAG in Airflow 3', () => {
  it.each(['airflow-3.3.2', 'airflow-3.4.0b2'] as const)(
    'is read again only for a version that %s has changed in place',
    async (fixture) => {
      const source = await createTestDatabase();
      await loadFixture(source.url, fixture);
      const reader = new SourceReader(source.pool, await probe(source.pool), []);
      const { rows } = await source.pool.query(
        "select dag_version_id::text as version from serialized_dag where dag_id = 'user_flow'",
      );
      const ref = { dag_id: 'user_flow', version: rows[0].version as string };
      const cache = new StructureCache((error) => expect.unreachable(error.message));
      const upstreamsOfAnswer = () => cache.get(ref)!.get('answer')!.upstream_task_ids;
      await cache.load(reader, [ref]);
      expect(upstreamsOfAnswer()).toEqual(['decide']);
      // Airflow does this while no task instance was created from the version: the same row, with another structure and hash.
      await source.pool.query(
        `update serialized_dag set dag_hash = 'another', data = replace(replace(data::text, '"downstream_task_ids": ["answer"]',
          '"was": []'), '"downstream_task_ids": ["decide"]', '"downstream_task_ids": ["decide", "answer"]')::jsonb
         where dag_id = 'user_flow'`,
      );
      await cache.load(reader, [], [ref]);
      expect(upstreamsOfAnswer()).toEqual(['decide']);
      await cache.load(reader, [ref]);
      expect(upstreamsOfAnswer()).toEqual(['receive']);
      await source.drop();
    },
  );
});

describe('the structure of a DAG in Airflow 2', () => {
  it('is unknown for a run that was created from an older one', async () => {
    const [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await loadFixture(source.url, 'airflow-2.11.0');
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url });
    await exporter.settle();
    const { context } = exporter;
    const ask = (run_id: string) => runDetail(context, { source: 'db', dag_id: 'reshaped', run_id });
    const [before, after] = [await ask('lab_reshaped_first'), await ask('lab_reshaped_second')];
    expect(before).toMatchObject({ edges: [], transitions: [], critical_path: null });
    expect(before.run.notes.join()).toMatch(/changed since/);
    expect(after.edges).toHaveLength(2);
    await exporter.close();
    await Promise.all([source.drop(), index.drop()]);
  });
});

/** Columns of the tables that are read: table, column, and whether a dialect reads the column. */
async function probedColumns(source: TestDatabase): Promise<[string, string, boolean][]> {
  const { rows } = await source.pool.query<{ table: string; column: string }>(
    `select c.table_name as "table", c.column_name as "column" from information_schema.columns c
      where c.table_schema = 'public' and c.table_name = any($1)`,
    [Object.keys({ ...AIRFLOW2, ...AIRFLOW3 })],
  );
  const has = (table: string, column: string): boolean =>
    rows.some((row) => row.table === table && row.column === column);
  const read: Columns = !has('dag_run', 'logical_date')
    ? { ...AIRFLOW2, ...AIRFLOW2_HISTORY }
    : has('task_instance', 'region_index')
      ? AIRFLOW34
      : AIRFLOW3;
  // Read if it exists, and otherwise not needed.
  const optional = ['dag_run.clear_number', 'dag_run.updated_at', 'task_instance.retry_delay_override'];
  return rows.map(({ table, column }) => [
    table,
    column,
    read[table]?.includes(column) === true || optional.includes(`${table}.${column}`),
  ]);
}

describe('probing', () => {
  it.each(SCHEMA_FIXTURES)('accepts the schema of %s, and every query of its reader runs on it', async (fixture) => {
    const [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await loadFixture(source.url, fixture);
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, keys: KEYS });
    await exporter.settle();
    const [, major, minor] = /schema-(\d)\.(\d+)/.exec(fixture)!;
    expect(exporter.observer.status()).toMatchObject({
      kind: `airflow${major}`,
      version: expect.stringContaining(`${major}.${minor}`),
    });
    await exporter.observer.read(async (reader) => {
      const run = { id: 1, dag_id: 'none', run_id: 'none' };
      await reader.attemptsOf(run);
      await reader.tasksOf([run], 1);
      await reader.taskStatesOf([run]);
      await reader.confOf(1);
      await reader.structures.read([{ dag_id: 'none', version: null }], () => undefined);
      await reader.structures.hashes([{ dag_id: 'none', version: null }]);
      await reader.pokesOf(run);
      await reader.previousOf(run, true);
      await reader.tracedTasksOf(run);
      await reader.pastTasksOf(run);
      await reader.stampOf(run);
      await reader.backfills();
      await reader.executorCallbacks();
    });
    await exporter.close();
    await Promise.all([source.drop(), index.drop()]);
  });

  it.each(SCHEMA_FIXTURES)(
    'reads only the columns of %s that it probes for, and names each one that is missing',
    async (fixture) => {
      const source = await createTestDatabase();
      await loadFixture(source.url, fixture);
      const columns = (await probedColumns(source)).filter(([table]) => table !== 'dag_tag');
      for (const [table, column] of columns.filter(([, , isRead]) => !isRead))
        await source.pool.query(`alter table ${table} drop column ${column} cascade`);
      const index = await createTestDatabase();
      const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, keys: KEYS });
      await exporter.settle();
      await exporter.close();
      for (const [table, column] of [
        ['task_instance', 'pool_slots'],
        ['dag_run', 'last_scheduling_decision'],
      ] as const) {
        await source.pool.query(`alter table ${table} rename ${column} to renamed`);
        await expect(probe(source.pool)).rejects.toThrow(new RegExp(`it has no ${table}\\.${column}\\. Runbeat reads`));
        await source.pool.query(`alter table ${table} rename renamed to ${column}`);
      }
      await Promise.all([source.drop(), index.drop()]);
    },
  );

  it.each([
    ['an empty database', 'select 1', /no dag_run table.*tables: none/],
    ['somebody else’s database', 'create table orders (id int)', /public\.orders.*right database/],
    [
      'a dag_run of an Airflow too old',
      'create table dag_run (id int, execution_date timestamptz); create table task_instance (id int)',
      /it has no dag_run\.dag_id, .*table job/,
    ],
  ])('refuses %s and says what it has found', async (_name, sql, message) => {
    const source = await createTestDatabase();
    await source.pool.query(sql);
    await expect(probe(source.pool)).rejects.toThrow(message);
    await source.drop();
  });
});
