import type { Express } from 'express';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createApp } from '../../exporter/app.ts';
import { ENDPOINTS } from '../../exporter/api/endpoints.ts';
import { problem } from '../../exporter/api/schemas.ts';
import { METRICS } from '../../shared/metrics.ts';
import { runPath } from '../../shared/api.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { addDag, addRun, addScheduler, prepareRunbeat } from './runbeatRows.ts';
import { createExporter, silent, type TestExporter } from './world.ts';

const TOKEN = 'a-token-of-some-length';
const ODD = 'manual 2024-05-01T10:00:00+02:00/ü?&#%';

let source: TestDatabase;
let index: TestDatabase;
let exporter: TestExporter;
let app: Express;

function appWith(apiToken: string | null, pieces?: readonly Buffer[]): Express {
  const options = {
    index: exporter.index,
    sources: [exporter.observer],
    metrics: async () => pieces ?? [Buffer.from(await exporter.metrics())],
  };
  return createApp({ ...options, apiToken, version: '1.2.3', readyLagSeconds: 30, logger: silent });
}

beforeAll(async () => {
  [source, index] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await prepareRunbeat(source.url, source.pool);
  await addDag(source.pool, 'other');
  await addScheduler(source.pool, 'alpha');
  for (let n = 0; n < 30; n++) await addRun(source.pool, `run_${n}`, { conf: { user_id: n % 3 }, ago: 1_000 - n });
  await addRun(source.pool, ODD, { dag_id: 'other', conf: { user_id: 99 }, ago: 5, state: 'running' });
  await addRun(source.pool, 'slow', { ago: 60, transition: 7, state: 'failed', conf: { user_id: [7, 8] } });
  await source.pool.query(
    `insert into runbeat.task_log select id, 'first', -1, 1, 'hello', false from runbeat.dag_run where run_id = 'slow'`,
  );
  await index.pool.query('select 1');
  exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, keys: 'user_id=conf.user_id' });
  await exporter.settle();
  await index.pool.query(
    `insert into runbeat_index.outage values (1, extract(epoch from now() - interval '100 s') * 1000000, extract(epoch from now()) * 1000000)`,
  );
  app = appWith(null);
});
afterAll(async () => {
  await exporter.close();
  await Promise.all([source.drop(), index.drop()]);
});

const get = (path: string): request.Test => request(app).get(path);

describe('answers', () => {
  const run = runPath('db', 'other', ODD);
  it.each([
    ['/api/v1/lookup?key=user_id&value=1&value=2'],
    ['/api/v1/runs'],
    ['/api/v1/runs?state=running&source=db&dag_id=other'],
    [run],
    [runPath('db', 'flow', 'slow')],
    [`${runPath('db', 'flow', 'slow')}/log`],
    ['/api/v1/dags'],
    ['/api/v1/keys'],
    ['/api/v1/schedulers'],
    ['/api/v1/sources'],
    ['/api/v1/outages'],
    ['/api/v1/transitions'],
  ])('%s is what OpenAPI says, and nothing else', async (path) => {
    const document = (await get('/openapi.json')).body;
    const pathname = path.split('?')[0]!;
    const endpoint = ENDPOINTS.find((one) =>
      new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
    )!;
    const { schema } = document.paths[endpoint.path].get.responses[200].content['application/json'];
    const { status, body } = await get(path);
    expect(status).toBe(200);
    expect(body.items ?? body.tasks).not.toEqual([]);
    expect(z.fromJSONSchema(schema).safeParse(body).error).toBeUndefined();
    expectOnlyKnown(schema, body, path);
  });

  it('cover every path of OpenAPI', async () => {
    const { paths } = (await get('/openapi.json')).body;
    expect(Object.keys(paths).sort()).toEqual(ENDPOINTS.map((endpoint) => endpoint.path).sort());
  });
});

/** Fields that the schema does not name are as wrong as missing ones. */
function expectOnlyKnown(schema: Record<string, unknown>, value: unknown, at: string): void {
  if (Array.isArray(value))
    return value.forEach((item) => expectOnlyKnown(schema.items as Record<string, unknown>, item, `${at}[]`));
  const options = schema?.anyOf as Record<string, unknown>[] | undefined;
  if (options)
    return expectOnlyKnown(
      options.find((one) => one.type !== 'null')!,
      value,
      at,
    );
  const properties = schema?.properties as Record<string, Record<string, unknown>> | undefined;
  if (typeof value !== 'object' || value === null || !properties) return;
  for (const [name, part] of Object.entries(value)) {
    expect(Object.keys(properties), `${at}.${name}`).toContain(name);
    expectOnlyKnown(properties[name]!, part, `${at}.${name}`);
  }
}

describe('lookup', () => {
  it('finds many values at once, newest first', async () => {
    const { body } = await get('/api/v1/lookup?key=user_id&value=1&value=2&limit=500');
    expect(body.items).toHaveLength(20);
    expect(new Set(body.items.map((item: { value: string }) => item.value))).toEqual(new Set(['1', '2']));
    const starts = body.items.map((item: { start_date: string }) => item.start_date);
    expect(starts).toEqual([...starts].sort().reverse());
  });

  it('pages without a gap and without a repetition', async () => {
    const seen: string[] = [];
    let path = '/api/v1/lookup?key=user_id&value=0&value=1&value=7&value=8&limit=3';
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await get(cursor ? `${path}&cursor=${cursor}` : path);
      seen.push(...body.items.map((item: { run_id: string; value: string }) => `${item.run_id}=${item.value}`));
      cursor = body.next_cursor;
    }
    path = '/api/v1/lookup?key=user_id&value=0&value=1&value=7&value=8&limit=500';
    const { body } = await get(path);
    expect(seen).toHaveLength(22);
    expect(seen).toEqual(body.items.map((item: { run_id: string; value: string }) => `${item.run_id}=${item.value}`));
  });

  it('narrows down by DAG and time', async () => {
    expect((await get('/api/v1/lookup?key=user_id&value=99&dag_id=flow')).body.items).toEqual([]);
    expect((await get('/api/v1/lookup?key=user_id&value=99&dag_id=other')).body.items).toHaveLength(1);
    const since = new Date(Date.now() - 500_000).toISOString();
    expect((await get(`/api/v1/lookup?key=user_id&value=1&from=${since}`)).body.items).toEqual([]);
    expect((await get(`/api/v1/lookup?key=user_id&value=1&to=${since}`)).body.items).toHaveLength(10);
  });

  it('says how far an active run has come', async () => {
    const [item] = (await get('/api/v1/lookup?key=user_id&value=99')).body.items;
    expect(item).toMatchObject({ run_id: ODD, state: 'running', progress: { tasks_done: 1, tasks_total: 2 } });
  });
});

describe('a run', () => {
  it('is found by a run_id with every character that a path dislikes', async () => {
    const { status, body } = await get(runPath('db', 'other', ODD));
    expect(status).toBe(200);
    expect(body.run).toMatchObject({ run_id: ODD, keys: { user_id: ['99'] }, conf: { user_id: 99 } });
  });

  it('says that its giant conf is not shown', async () => {
    await addRun(source.pool, 'giant', { conf: { user_id: 1, blob: 'x'.repeat(2 ** 20) } });
    const { run } = (await get(runPath('db', 'flow', 'giant'))).body;
    await source.pool.query(`delete from runbeat.dag_run where run_id = 'giant'`);
    expect(run).toMatchObject({
      conf: null,
      keys: { user_id: ['1'] },
      notes: [expect.stringMatching(/larger than 1 MiB/)],
    });
  });

  it('has its slow transition first among all', async () => {
    const { items } = (await get('/api/v1/transitions?limit=1')).body;
    expect(items).toMatchObject([{ run_id: 'slow', upstream_task_id: 'first', task_id: 'second' }]);
    expect(items[0].seconds).toBe(7);
  });
});

const cursor = (position: unknown): string => Buffer.from(JSON.stringify(position)).toString('base64url');

describe('bad requests', () => {
  it.each([
    ['/api/v1/lookup', ['key', 'value']],
    ['/api/v1/lookup?key=user_id', ['value']],
    ['/api/v1/lookup?key=nope&value=1', ['key']],
    ['/api/v1/lookup?key=user_id&key=user_id&value=1', ['key']],
    [`/api/v1/lookup?key=user_id&value=${'x'.repeat(513)}`, ['value']],
    ['/api/v1/lookup?key=user_id&value=', ['value']],
    ['/api/v1/lookup?key=user_id&value=a%00b', ['value']],
    [`/api/v1/lookup?key=user_id${'&value=1'.repeat(101)}`, ['value']],
    ['/api/v1/lookup?key=user_id&value=1&limit=0', ['limit']],
    ['/api/v1/lookup?key=user_id&value=1&limit=501', ['limit']],
    ['/api/v1/lookup?key=user_id&value=1&limit=1e999', ['limit']],
    ['/api/v1/lookup?key=user_id&value=1&limit=NaN', ['limit']],
    ['/api/v1/lookup?key=user_id&value=1&from=yesterday', ['from']],
    ['/api/v1/lookup?key=user_id&value=1&to=2024-13-45T00:00:00Z', ['to']],
    ['/api/v1/lookup?key=user_id&value=1&cursor=garbage', ['cursor']],
    ['/api/v1/lookup?key=user_id&value=1&cursor=WzEsMl0', ['cursor']],
    [`/api/v1/lookup?key=user_id&value=1&cursor=${cursor([1, 1, 1, 'a\0b'])}`, ['cursor']],
    [`/api/v1/lookup?key=user_id&value=1&cursor=${cursor([1, 99_999, 1, 'a'])}`, ['cursor']],
    [`/api/v1/runs?cursor=${cursor([1.5, 1, 1])}`, ['cursor']],
    [`/api/v1/runs?cursor=${cursor([1e300, 1, 1])}`, ['cursor']],
    [`/api/v1/runs?cursor=${'x'.repeat(2_001)}`, ['cursor']],
    [`/api/v1/outages?cursor=${cursor([1, -99_999])}`, ['cursor']],
    [`/api/v1/dags?cursor=${cursor([1, 2])}`, ['cursor']],
    ["/api/v1/runs?state=done'--", ['state']],
    ['/api/v1/runs?colour=red&limit=x', ['colour', 'limit']],
    ['/api/v1/runs?__proto__=1', ['__proto__']],
    ['/api/v1/runs?toString=1', ['toString']],
    ['/api/v1/schedulers?limit=1', ['limit']],
    [`/api/v1/runs/db/${'d'.repeat(251)}/x`, ['dag_id']],
    ['/api/v1/runs/db/flow/a%00b', ['run_id']],
  ])('%s names what is wrong', async (path, parameters) => {
    const { status, body, type } = await get(path);
    expect([status, type]).toEqual([400, 'application/problem+json']);
    expect(
      problem
        .parse(body)
        .errors!.map((error) => error.parameter)
        .sort(),
    ).toEqual([...parameters].sort());
    expect(body.detail).not.toMatch(/at .*\.ts|node_modules/);
  });

  it.each([
    ['/api/v1/runs/db/flow/nothing', 404, 'unknown-run'],
    ['/api/v1/runs/elsewhere/flow/x', 404, 'unknown-source'],
    ['/api/v1/nothing', 404, 'not-found'],
    ['/api/v1/runs/db/flow/%E0%A4%A', 400, 'invalid-request'],
  ])('%s is %i', async (path, status, code) => {
    const response = await get(path);
    expect([response.status, response.body.type]).toEqual([status, `urn:runbeat:problem:${code}`]);
  });

  it('only GET is known', async () => {
    const { status, type, headers } = await request(app).post('/api/v1/runs');
    expect([status, type, headers.allow]).toEqual([405, 'application/problem+json', 'GET, HEAD']);
  });

  it('hostile values are values', async () => {
    const value = encodeURIComponent(`'; drop table run; --`);
    expect((await get(`/api/v1/lookup?key=user_id&value=${value}`)).body).toEqual({ items: [], next_cursor: null });
  });
});

describe('the token', () => {
  it.each([
    [undefined, 401],
    ['Bearer wrong', 401],
    ['Bearer ', 401],
    [`Basic ${TOKEN}`, 401],
    [`Bearer ${TOKEN}x`, 401],
    [`Bearer ${TOKEN}`, 200],
    [`bearer ${TOKEN}`, 200],
  ])('%s gives %i', async (authorization, status) => {
    const call = request(appWith(TOKEN)).get('/api/v1/sources');
    const response = await (authorization === undefined ? call : call.set('authorization', authorization));
    expect(response.status).toBe(status);
    if (status === 401) expect(response.headers['www-authenticate']).toBe('Bearer');
  });

  it('is not asked of Prometheus and of probes', async () => {
    for (const path of ['/metrics', '/healthz', '/readyz']) {
      expect((await request(appWith(TOKEN)).get(path)).status).toBe(200);
    }
    expect((await request(appWith(TOKEN)).get('/openapi.json')).status).toBe(401);
  });
});

describe('/metrics', () => {
  it('serves what the table says, each family once, with its help and type', async () => {
    await addRun(source.pool, 'counted', { ago: 10 });
    await exporter.observer.poll();
    const { text } = await get('/metrics');
    const heads = [...text.matchAll(/^# TYPE (runbeat_\w+) (\w+)$/gm)].map((match) => `${match[1]} ${match[2]}`);
    const table = Object.values(METRICS).map((metric) => `${metric.name} ${metric.type}`);
    expect(new Set(heads).size).toBe(heads.length);
    expect(table).toEqual(expect.arrayContaining(heads));
    for (const { name, help } of Object.values(METRICS).filter((metric) =>
      heads.includes(`${metric.name} ${metric.type}`),
    )) {
      expect(text).toContain(`# HELP ${name} ${help}\n`);
    }
    expect(await exporter.value('runbeat_runs_finished_total{source="db",dag_id="flow",state="success"}')).toBe(1);
    expect(await exporter.value('runbeat_task_transition_seconds_sum{source="db",dag_id="flow"}')).toBe(0.5);
  });
  it('sends its pieces whole and one after another, and of HEAD the length alone', async () => {
    const pieces = ['a 1\n', `b{c="ü"} ${'2'.repeat(300_000)}\n`, '', 'd 3\n'].map((text) => Buffer.from(text));
    const whole = Buffer.concat(pieces);
    const got = await request(appWith(null, pieces)).get('/metrics');
    expect(got.text).toBe(whole.toString());
    for (const response of [got, await request(appWith(null, pieces)).head('/metrics')]) {
      expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(response.headers['content-length']).toBe(String(whole.length));
    }
  });
});
