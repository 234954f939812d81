import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journey } from '../../exporter/api/journeys.ts';
import { originHints, withoutCircles } from '../../exporter/flow/origins.ts';
import type { JourneyPage } from '../../shared/journeys.ts';
import { loadFixture } from '../airflow/lab/fixture.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { addDag, addRun, createRunbeatDatabases } from './runbeatRows.ts';
import { createExporter, type TestExporter } from './world.ts';

const KEYS = 'user_id=conf.user_id';

describe('a journey in the bundled scheduler', () => {
  let source: TestDatabase;
  let index: TestDatabase;
  let exporter: TestExporter;
  const ask = (value: string, page: { limit?: number; cursor?: never } = {}): Promise<JourneyPage> =>
    journey(exporter.context, { key: 'user_id', value, ...page });
  const names = (page: JourneyPage): string[] => page.items.map((run) => run.run_id);

  beforeAll(async () => {
    ({ source, index } = await createRunbeatDatabases());
    for (const dag of ['arrivals', 'decision', 'poller']) await addDag(source.pool, dag);
    const add = async (run: string, triggeredBy: string, options: Parameters<typeof addRun>[2]): Promise<void> => {
      const id = await addRun(source.pool, run, options);
      await source.pool.query('update runbeat.dag_run set triggered_by = $2 where id = $1', [id, triggeredBy]);
    };
    // Each run starts a second after it was queued and takes three seconds.
    await add('poll', 'timetable', { dag_id: 'poller', ago: 2_000 });
    await add('a/rrived', 'poller/poll/start', { dag_id: 'arrivals', ago: 1_000, conf: { user_id: 1 } });
    await add('onboard', 'arrivals/a/rrived/start', { dag_id: 'flow', ago: 900, conf: { user_id: 1 } });
    await add('beside', 'api', { dag_id: 'arrivals', ago: 899, conf: { user_id: 1 } });
    await add('mail', 'flow/onboard/t', { dag_id: 'poller', ago: 898 });
    await add('unrelated', 'api', { dag_id: 'poller', ago: 898 });
    await add('other', 'flow/onboard/t', { dag_id: 'poller', ago: 898, conf: { user_id: 9 } });
    await add('bounce', 'poller/mail/t', { dag_id: 'poller', ago: 896, state: 'running' });
    await add('round', 'poller/about/t', { ago: 400, conf: { user_id: 4 } });
    await add('about', 'flow/round/t', { dag_id: 'poller', ago: 398 });
    await add('decide', 'gone/long ago/start', { dag_id: 'decision', ago: 500, conf: { user_id: 1 } });
    await add('one', 'flow/three/t', { ago: 30, conf: { user_id: 2 } });
    await add('two', 'flow/one/t', { ago: 20, conf: { user_id: 2 } });
    await add('three', 'flow/two/t', { ago: 10, conf: { user_id: 2 } });
    await add('done', 'api', { ago: 100, conf: { user_id: 3 } });
    await add('waiting', 'api', { ago: 90, conf: { user_id: 3 }, state: 'queued' });
    exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, keys: KEYS });
    await exporter.settle();
  });
  afterAll(async () => {
    await exporter.close();
    await Promise.all([source.drop(), index.drop()]);
  });

  it('lists runs in the order in which they started, with one latency and the gaps between them', async () => {
    const page = await ask('1');
    expect(names(page)).toEqual(['a/rrived', 'onboard', 'beside', 'decide']);
    expect(page.items.map((run) => run.gap && Math.round(run.gap.seconds))).toEqual([null, 97, null, 396]);
    expect(page.total).toMatchObject({ runs: 4, to: page.items[3]!.end_date });
    expect(page.total!.seconds).toBeCloseTo(504, 0);
    expect(page.total!.gap_seconds).toBeCloseTo(97 + 396, 0);
    expect(page.notes).toEqual([]);
  });

  it('names the parent of each run, and adds those that do not carry the key', async () => {
    const page = await ask('1');
    const by = (dag_id: string, run_id: string): object => ({ source: 'db', dag_id, run_id, found_by: 'triggered_by' });
    expect(page.items.map((run) => run.parents)).toEqual([
      [by('poller', 'poll')],
      [by('arrivals', 'a/rrived')],
      [],
      [by('gone', 'long ago')],
    ]);
    expect(page.ancestors.map(({ run_id, parents, gap }) => ({ run_id, parents, gap }))).toEqual([
      { run_id: 'poll', parents: [], gap: null },
    ]);
  });

  it('adds children that do not carry the key, and theirs, but no others', async () => {
    const { descendants, notes } = await ask('1');
    expect(
      descendants.map(({ run_id, parents, gap }) => [run_id, parents.map((parent) => parent.run_id), gap]),
    ).toEqual([
      ['mail', ['onboard'], null],
      ['bounce', ['mail'], null],
    ]);
    expect(notes).toEqual([]);
  });

  it('shows a run once if it was started by a run of the key and also started one', async () => {
    const { items, ancestors, descendants } = await ask('4');
    expect(items.map((run) => run.parents.map((parent) => parent.run_id))).toEqual([['about']]);
    expect(ancestors.map((run) => [run.run_id, run.parents])).toEqual([['about', []]]);
    expect(descendants).toEqual([]);
  });

  it('breaks a circle of parents', async () => {
    const { items } = await ask('2');
    const edges = items.flatMap((run) => run.parents.map((parent) => `${parent.run_id} > ${run.run_id}`));
    expect(edges).toHaveLength(2);
  });

  it('breaks a circle that spans pages', async () => {
    const edges: string[] = [];
    let cursor: string | null | undefined;
    do {
      const at = cursor ? { cursor: JSON.parse(Buffer.from(cursor, 'base64url').toString()) as never } : {};
      const page = await ask('2', { limit: 1, ...at });
      edges.push(...page.items.flatMap((run) => run.parents.map((parent) => `${parent.run_id} > ${run.run_id}`)));
      cursor = page.next_cursor;
    } while (cursor);
    expect(edges).toEqual(['one > two', 'two > three']);
  });

  it('is open while a run waits: the gap before that run and the latency grow', async () => {
    const { items, total } = await ask('3');
    expect(items.map((run) => run.run_id)).toEqual(['done', 'waiting']);
    expect(items[1]!.gap).toMatchObject({ from: items[0]!.end_date, to: null });
    expect(total!.to).toBeNull();
    expect(total!.seconds).toBeGreaterThanOrEqual(99.9);
  });

  it('has no runs for an unknown value, and names the configured keys for an unknown key', async () => {
    expect(await ask('nobody')).toMatchObject({ items: [], next_cursor: null, total: null, ancestors: [] });
    await expect(journey(exporter.context, { key: 'usr', value: '1' })).rejects.toThrow('those are: user_id');
  });

  it('says that parents are not known while the source can’t be read', async () => {
    const unreadable = { ...exporter.observer, name: 'db', config: exporter.observer.config, nowUs: Date.now() * 1000 };
    const away = {
      ...unreadable,
      active: new Map(),
      status: () => ({ kind: 'runbeat' }),
      read: () => Promise.reject(),
    };
    const page = await journey({ ...exporter.context, sources: [away as never] }, { key: 'user_id', value: '1' });
    expect(names(page)).toHaveLength(4);
    expect(page.notes).toEqual([expect.stringContaining('"db" can\'t be read now')]);
  });
});

describe('a journey of 10,000 runs', () => {
  it('comes in pages, each run once, with the total on each page', async () => {
    const { source, index } = await createRunbeatDatabases();
    await source.pool.query(
      `insert into runbeat.dag_run (dag_id, run_id, run_type, state, conf, queued_at, start_date, end_date, dag_version_id)
       select 'flow', 'run_' || n, 'manual', 'success', '{"user_id": 1}', at, at, at + interval '1 s', v.id
       from generate_series(1, 10000) n, lateral (select now() - (20000 - n) * interval '1 s' as at) t,
         runbeat.dag_version v where v.dag_id = 'flow'`,
    );
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, keys: KEYS });
    await exporter.settle();
    const seen = new Set<string>();
    let cursor: string | null | undefined;
    do {
      const at = cursor ? { cursor: JSON.parse(Buffer.from(cursor, 'base64url').toString()) as never } : {};
      const page = await journey(exporter.context, { key: 'user_id', value: '1', limit: 500, ...at });
      for (const run of page.items) seen.add(run.run_id);
      expect(page.total!.runs).toBe(10_000);
      cursor = page.next_cursor;
    } while (cursor);
    expect(seen.size).toBe(10_000);
    await exporter.close();
    await Promise.all([source.drop(), index.drop()]);
  });
});

describe.each([
  ['airflow-2.11.0', 'dataset'],
  ['airflow-3.3.2', 'asset'],
] as const)('a journey in %s', (fixture, asset) => {
  it('finds parents whose asset events started a run', async () => {
    const [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await loadFixture(source.url, fixture, { takenAt: new Date() });
    await source.pool.query(`create table ${asset}_event (id int primary key, source_dag_id text, source_run_id text);
      create table dagrun_${asset}_event (dag_run_id int, event_id int)`);
    const { rows } = await source.pool.query<{ id: number; run_id: string; dag_id: string }>(
      'select id, dag_id, run_id from dag_run order by id limit 2',
    );
    const [parent, child] = rows as [(typeof rows)[0], (typeof rows)[0]];
    await source.pool.query(`insert into ${asset}_event values (7, $1, $2), (8, null, null)`, [
      parent.dag_id,
      parent.run_id,
    ]);
    await source.pool.query(`insert into dagrun_${asset}_event values ($1, 7), ($1, 8)`, [child.id]);
    const keys = 'name=run_id:^(.+)$';
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, keys });
    await exporter.settle();
    const page = await journey(exporter.context, { key: 'name', value: child.run_id });
    const run = page.items.find((item) => item.dag_id === child.dag_id)!;
    expect(run.parents).toContainEqual({
      source: 'db',
      dag_id: parent.dag_id,
      run_id: parent.run_id,
      found_by: 'asset_event',
    });
    await exporter.close();
    await Promise.all([source.drop(), index.drop()]);
  });
});

describe.each(['airflow-2.11.0', 'airflow-3.3.2'] as const)('a journey in %s', (fixture) => {
  it('finds the runs that a run started, by their conf and their run_id', async () => {
    const [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await loadFixture(source.url, fixture, { takenAt: new Date() });
    const { rows } = await source.pool.query<{ id: number; run_id: string; dag_id: string }>(
      `select id, dag_id, run_id from dag_run where state = 'success' and run_id ~ '^(manual|scheduled)__' order by id desc limit 1`,
    );
    const parent = rows[0]!;
    const add = async (id: number, runId: string, conf: Record<string, string>): Promise<unknown> => {
      const text = fixture === 'airflow-2.11.0' ? `\\x${pickled(conf).toString('hex')}` : conf;
      return source.pool.query(
        `insert into dag_run select (jsonb_populate_record(d, $2 || jsonb_build_object('queued_at', d.start_date,
           'logical_date', null, 'execution_date', d.start_date + $1 * interval '1 s'))).* from dag_run d where id = $3`,
        [id, { id, run_id: runId, conf: text, span_status: 'x' }, parent.id],
      );
    };
    await add(1_000_001, 'named in conf', { parent_dag_id: parent.dag_id, parent_run_id: parent.run_id });
    await add(1_000_002, `${parent.dag_id}__${parent.run_id}`, {});
    await add(1_000_003, 'unrelated', { parent_run_id: 'another' });
    const keys = `name=run_id:^(${parent.run_id.replace(/\W/g, '.')})$`;
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, keys });
    await exporter.settle();
    const page = await journey(exporter.context, { key: 'name', value: parent.run_id });
    expect(page.descendants.map(({ run_id, parents }) => [run_id, parents.map(({ found_by }) => found_by)])).toEqual([
      ['named in conf', ['conf']],
      [`${parent.dag_id}__${parent.run_id}`, ['run_id']],
    ]);
    await exporter.close();
    await Promise.all([source.drop(), index.drop()]);
  });
});

/** A dict of short strings as Python's pickle (protocol 4) writes it. */
function pickled(texts: Record<string, string>): Buffer {
  const short = (text: string): Buffer =>
    Buffer.concat([Buffer.from([0x8c, Buffer.byteLength(text)]), Buffer.from(text)]);
  const items = Object.entries(texts).flat().map(short);
  return Buffer.concat([Buffer.from('\x80\x04}(', 'latin1'), ...items, Buffer.from('u.')]);
}

describe('what a run says about its parent', () => {
  it.each([
    ['child', 'flow/a/b/task', null, [['flow'], 'a/b', 'triggered_by']],
    ['child', 'api', { parent_run_id: 'p', parent_dag_id: 'flow' }, [['flow'], 'p', 'conf']],
    ['child', null, { parent: { dag_id: 'flow', run_id: 'p' } }, [['flow'], 'p', 'conf']],
    ['child', null, { triggering_run: 'p' }, [[], 'p', 'conf']],
    ['same', null, { dag_run_id: 'same', source_dag: 'flow' }, [['flow'], 'same', 'conf']],
    ['flow__scheduled__2026-01-01', null, {}, [['flow'], 'scheduled__2026-01-01', 'run_id']],
    ['from_flow_manual__2026', null, null, [['from_flow'], 'manual__2026', 'run_id']],
  ])('%s, triggered by %s with %j', (runId, triggeredBy, conf, [dagIds, parent, found_by]) => {
    expect(originHints(runId, triggeredBy, conf)).toEqual([{ dagIds, runId: parent, found_by }]);
  });

  it.each([
    ['scheduled__2026-01-01', 'timetable', { user_id: 'p', application: { id: 'x' } }],
    ['same', null, { run_id: 'same' }],
    ['child', null, { run_id: 'x'.repeat(300) }],
  ])('is nothing for %s with %s and %j', (runId, triggeredBy, conf) => {
    expect(originHints(runId, triggeredBy, conf)).toEqual([]);
  });
});

it('drops the edges that close circles, and no others', () => {
  const parents = new Map(Object.entries({ a: ['b', 'c'], b: ['c', 'a'], c: ['c', 'd'], d: [] }));
  expect(Object.fromEntries(withoutCircles(parents, (edge) => edge))).toEqual({
    a: ['b', 'c'],
    b: ['c'],
    c: ['d'],
    d: [],
  });
});
