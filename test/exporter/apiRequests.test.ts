import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readinessOf } from '../../exporter/api/readiness.ts';
import { problem } from '../../exporter/api/schemas.ts';
import { METRICS } from '../../shared/metrics.ts';
import { openApiWorld, type ApiWorld } from './apiWorld.ts';
import { addRun } from './runbeatRows.ts';
import { createExporter } from './world.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await openApiWorld();
});
afterAll(() => api.close());

const get = (path: string): request.Test => request(api.appWith(null)).get(path);

const TOKEN = 'a-token-of-some-length';
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
    // Conversions of JavaScript would read these as 0, 16 and 100.
    ['/api/v1/runs/db/flow/slow/log?map_index=&try_number=', ['map_index', 'try_number']],
    ['/api/v1/lookup?key=user_id&value=1&limit=0x10', ['limit']],
    ['/api/v1/lookup?key=user_id&value=1&limit=1e2', ['limit']],
    ['/api/v1/lookup?key=user_id&value=1&from=yesterday', ['from']],
    ['/api/v1/runs?from=2026-02-29T00:00:00Z', ['from']],
    ['/api/v1/runs?from=2026-04-31T00:00:00%2B02:00', ['from']],
    ['/api/v1/outages?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', ['from']],
    ['/api/v1/promises/breaks?key=user_id', ['value']],
    ['/api/v1/promises/breaks?value=1', ['key']],
    ['/api/v1/promises/breaks?key=nope&value=1', ['key']],
    ['/api/v1/lookup?key=user_id&value=1&to=2024-13-45T00:00:00Z', ['to']],
    ['/api/v1/lookup?key=user_id&value=1&cursor=garbage', ['cursor']],
    ['/api/v1/lookup?key=user_id&value=1&cursor=WzEsMl0', ['cursor']],
    [`/api/v1/lookup?key=user_id&value=1&cursor=${cursor([1, 1, 1, 'a\0b'])}`, ['cursor']],
    [`/api/v1/lookup?key=user_id&value=1&cursor=${cursor([1, -1, 1, 'a'])}`, ['cursor']],
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
    // An empty list would say that there was no outage.
    ['/api/v1/outages?source=elsewhere', 404, 'unknown-source'],
    ['/api/v1/runs?source=elsewhere', 404, 'unknown-source'],
    ['/api/v1/transitions?source=elsewhere', 404, 'unknown-source'],
    ['/api/v1/promises?source=elsewhere', 404, 'unknown-source'],
    ['/api/v1/promises/breaks?source=elsewhere', 404, 'unknown-source'],
    ['/api/v1/nothing', 404, 'not-found'],
    ['/api/v1/runs/db/flow/%E0%A4%A', 400, 'invalid-request'],
  ])('%s is %i', async (path, status, code) => {
    const response = await get(path);
    expect([response.status, response.body.type]).toEqual([status, `urn:runbeat:problem:${code}`]);
  });

  it('a time may have microseconds, and an unescaped + of its zone is explained', async () => {
    const [first] = (await get('/api/v1/runs?limit=1')).body.items;
    const upTo = async (to: string) => (await get(`/api/v1/runs?limit=1&to=${to}`)).body.items[0].run_id;
    expect(await upTo(first.queued_at ?? first.start_date)).toBe(first.run_id);
    const { detail } = (await get('/api/v1/runs?from=2026-03-01T00:00:00+02:00')).body;
    expect(detail).toContain('(write + as %2B)');
  });

  it('allows only GET', async () => {
    const { status, type, headers } = await request(api.appWith(null)).post('/api/v1/runs');
    expect([status, type, headers.allow]).toEqual([405, 'application/problem+json', 'GET, HEAD']);
  });

  it('treats hostile values as plain values', async () => {
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
    const call = request(api.appWith(TOKEN)).get('/api/v1/sources');
    const response = await (authorization === undefined ? call : call.set('authorization', authorization));
    expect(response.status).toBe(status);
    if (status === 401) expect(response.headers['www-authenticate']).toBe('Bearer');
  });

  it('is not required from Prometheus and probes', async () => {
    for (const path of ['/metrics', '/healthz', '/readyz']) {
      expect((await request(api.appWith(TOKEN)).get(path)).status).toBe(200);
    }
    expect((await request(api.appWith(TOKEN)).get('/openapi.json')).status).toBe(401);
  });
});

describe('/metrics', () => {
  it('serves the metrics of the table, each family once, with its help and type', async () => {
    await addRun(api.source.pool, 'counted', { ago: 10 });
    await api.exporter.observer.poll();
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
    expect(await api.exporter.value('runbeat_runs_finished_total{source="db",dag_id="flow",state="success"}')).toBe(1);
    expect(await api.exporter.value('runbeat_task_transition_seconds_sum{source="db",dag_id="flow"}')).toBe(0.5);
  });
  it('sends all pieces in order, and only the length for HEAD', async () => {
    const pieces = ['a 1\n', `b{c="ü"} ${'2'.repeat(300_000)}\n`, '', 'd 3\n'].map((text) => Buffer.from(text));
    const whole = Buffer.concat(pieces);
    const got = await request(api.appWith(null, pieces)).get('/metrics');
    expect(got.text).toBe(whole.toString());
    for (const response of [got, await request(api.appWith(null, pieces)).head('/metrics')]) {
      expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(response.headers['content-length']).toBe(String(whole.length));
    }
  });
});

describe('for people and probes', () => {
  it('/ is a page with links that loads nothing from other hosts', async () => {
    const page = await get('/').expect(200);
    expect(page.type).toBe('text/html');
    for (const path of ['/metrics', '/readyz', '/openapi.json']) expect(page.text).toContain(`href="${path}"`);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  });

  it('/readyz names the check that failed, but no address and no error message', async () => {
    const away = new URL(api.source.url);
    away.port = '1';
    const blind = await createExporter({ sourceUrl: away.href, indexUrl: api.index.url, source: { name: 'blind' } });
    await blind.observer.poll();
    const status = readinessOf(true, [blind.observer.status()], 30);
    expect(status).toEqual({ ready: false, failed: ['source blind: unreadable'] });
    await blind.close();
    const ready = await get('/readyz');
    expect(Object.keys(ready.body as object)).toEqual(['ready', 'failed']);
  });
});
