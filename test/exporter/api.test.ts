import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ENDPOINTS } from '../../exporter/api/endpoints.ts';
import { runPath } from '../../shared/api.ts';
import { ODD, openApiWorld, type ApiWorld } from './apiWorld.ts';
import { addRun } from './runbeatRows.ts';

let api: ApiWorld;
beforeAll(async () => {
  api = await openApiWorld();
});
afterAll(() => api.close());

const get = (path: string): request.Test => request(api.appWith(null)).get(path);

describe('responses', () => {
  const run = runPath('db', 'other', ODD);
  it.each([
    ['/api/v1/lookup?key=user_id&value=1&value=2'],
    ['/api/v1/journeys?key=user_id&value=1'],
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
  ])('%s matches its OpenAPI schema, with no other fields', async (path) => {
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

  it('exist for every path of the OpenAPI document', async () => {
    const { paths } = (await get('/openapi.json')).body;
    expect(Object.keys(paths).sort()).toEqual(ENDPOINTS.map((endpoint) => endpoint.path).sort());
  });
});

/** Fails for a field that the schema does not name, because that is as wrong as a missing one. */
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

  it('returns each item once over all pages', async () => {
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

  it('filters by DAG and time', async () => {
    expect((await get('/api/v1/lookup?key=user_id&value=99&dag_id=flow')).body.items).toEqual([]);
    expect((await get('/api/v1/lookup?key=user_id&value=99&dag_id=other')).body.items).toHaveLength(1);
    const since = new Date(Date.now() - 500_000).toISOString();
    expect((await get(`/api/v1/lookup?key=user_id&value=1&from=${since}`)).body.items).toEqual([]);
    expect((await get(`/api/v1/lookup?key=user_id&value=1&to=${since}`)).body.items).toHaveLength(10);
  });

  it('reports the progress of an active run', async () => {
    const [item] = (await get('/api/v1/lookup?key=user_id&value=99')).body.items;
    expect(item).toMatchObject({ run_id: ODD, state: 'running', progress: { tasks_done: 1, tasks_total: 2 } });
  });
});

describe('a run', () => {
  it('is found by a run_id with all characters that must be escaped in a path', async () => {
    const { status, body } = await get(runPath('db', 'other', ODD));
    expect(status).toBe(200);
    expect(body.run).toMatchObject({ run_id: ODD, keys: { user_id: ['99'] }, conf: { user_id: 99 } });
  });

  it('says that its conf is too large to be shown', async () => {
    await addRun(api.source.pool, 'giant', { conf: { user_id: 1, blob: 'x'.repeat(2 ** 20) } });
    const { run } = (await get(runPath('db', 'flow', 'giant'))).body;
    await api.source.pool.query(`delete from runbeat.dag_run where run_id = 'giant'`);
    expect(run).toMatchObject({
      conf: null,
      keys: { user_id: ['1'] },
      notes: [expect.stringMatching(/larger than 1 MiB/)],
    });
  });

  it('is listed first if its transition is the slowest', async () => {
    const { items } = (await get('/api/v1/transitions?limit=1')).body;
    expect(items).toMatchObject([{ run_id: 'slow', upstream_task_id: 'first', task_id: 'second' }]);
    expect(items[0].seconds).toBe(7);
  });

  it.each(['transitions', 'outages'])(
    'lists %s of one source, so that those of another do not use up the limit',
    async (list) => {
      const [{ source: name }] = (await get(`/api/v1/${list}`)).body.items;
      const ofSource = async (asked: string) =>
        (await get(`/api/v1/${list}?source=${asked}`)).body.items.map((item: { source: string }) => item.source);
      expect(new Set(await ofSource(name))).toEqual(new Set([name]));
      expect((await get(`/api/v1/${list}?source=another`)).body.type).toBe('urn:runbeat:problem:unknown-source');
    },
  );
});
