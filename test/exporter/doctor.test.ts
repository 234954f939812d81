import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../exporter/doctor/finding.ts';
import { examineExporter, examineGrafana, examinePrometheus } from '../../exporter/doctor/neighbours.ts';
import { examineSource } from '../../exporter/doctor/source.ts';
import { parseKeyRules } from '../../exporter/sources/keys.ts';
import type { SourceConfig } from '../../exporter/config.ts';
import { loadFixture } from '../airflow/lab/fixture.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

let airflow: TestDatabase;
let empty: TestDatabase;
beforeAll(async () => {
  [airflow, empty] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await loadFixture(airflow.url, 'airflow-3.3.2', { takenAt: new Date() });
});
afterAll(async () => {
  await airflow.drop();
  await empty.drop();
});

const source = (url: string, keys = 'user_id=conf.user_id'): SourceConfig => ({
  name: 'airflow',
  url,
  uiUrl: null,
  heartbeatThresholdSeconds: 30,
  keys: parseKeyRules(keys).rules,
  parallelism: null,
  useJobSchedule: true,
  connections: 1,
});
const texts = (findings: readonly Finding[]): string[] => findings.map(({ verdict, text }) => `${verdict}: ${text}`);

describe('the doctor’s report on a source', () => {
  it('reports what it finds in a real Airflow: version, rights, schedulers and keys', async () => {
    const findings = texts(await examineSource(source(airflow.url, 'user_id=conf.user_id,order=conf.no_such'), 10));
    expect(findings).toContainEqual(expect.stringMatching(/^ok: PostgreSQL \d+.* answers /));
    expect(findings).toContainEqual(expect.stringMatching(/^warning: The role may change dag/));
    expect(findings).toContainEqual(expect.stringMatching(/^ok: It is Airflow 3\.3/));
    expect(findings).toContainEqual(expect.stringMatching(/^ok: Key user_id .* is in [1-9]\d* of the newest \d+ runs/));
    expect(findings).toContainEqual(expect.stringMatching(/^warning: Key order .* is in 0 of the newest/));
    expect(findings).toContain('ok: The role may read every table that the exporter uses.');
  });

  it('names each table that the role of an older version may not read, or only in part, and what is not known without it', async () => {
    const role = `older_${airflow.url.split('_').at(-1)}`;
    // Tables of Airflow that the fixture lacks. Only the rights to read them matter here.
    await airflow.pool
      .query(`create table if not exists backfill (id int); create table if not exists import_error (id int);
      create table if not exists trigger (id int);
      create table if not exists deadline_alert (id int, serialized_dag_id int, interval int, reference int);
      create role ${role} login password 'secret';
      grant select on all tables in schema public to ${role};
      revoke select on dag_tag, backfill, import_error, trigger, deadline_alert from ${role};
      grant select (id, serialized_dag_id, interval) on deadline_alert to ${role}`);
    const url = new URL(airflow.url);
    [url.username, url.password] = [role, 'secret'];
    const findings = texts(await examineSource(source(url.href), 10));
    await airflow.pool.query(`drop owned by ${role}; drop role ${role}`);
    for (const table of ['dag_tag', 'backfill', 'import_error', 'trigger', 'deadline_alert'])
      expect(findings).toContainEqual(
        expect.stringMatching(
          new RegExp(
            `^warning: The role may not read all that Runbeat needs of the table ${table}, so Runbeat does not know `,
          ),
        ),
      );
    expect(findings.filter((text) => text.includes('may not read'))).toHaveLength(5);
    expect(findings).not.toContain('ok: The role may read every table that the exporter uses.');
  });

  it('reports a clock that is ahead, but not one that is right', async () => {
    const late = await examineSource(source(airflow.url), 10, () => Date.now() - 90_000);
    expect(texts(late)).toContain('warning: Its clock is 90 s ahead of this machine’s.');
    expect(texts(await examineSource(source(airflow.url), 10))).toContain('ok: Its clock and this machine’s agree.');
  });

  it.each([
    ['a database without a scheduler', () => empty.url, /no dag_run table that this role can see/],
    ['an address where nothing listens', () => 'postgres://x@127.0.0.1:1/x', /nothing answers at 127\.0\.0\.1:1/],
    ['a database that is not there', () => airflow.url.replace(/[^/]+$/, 'absent'), /there is no such database/],
  ])('names the fault and its remedy: %s', async (_, url, fault) => {
    const faults = (await examineSource(source(url()), 10)).filter(({ verdict }) => verdict === 'fault');
    expect(faults).toEqual([
      expect.objectContaining({ text: expect.stringMatching(fault), advice: expect.any(String) }),
    ]);
  });
});

/** Answers like the API of Prometheus or Grafana. The live tests query real ones. */
async function answering(answers: Record<string, [number, unknown]>): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url!.split('?')[0]!] ?? [404, {}];
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe('the doctor’s report on exporter, Prometheus and Grafana', () => {
  it('names the addresses at which no exporter, Prometheus or Grafana answers', async () => {
    const nowhere = 'http://127.0.0.1:1';
    const all = [await examineExporter(nowhere), await examinePrometheus(nowhere), await examineGrafana(nowhere, null)];
    expect(all.map((findings) => findings[0]!.text)).toEqual([
      `No exporter answers at ${nowhere}.`,
      `No Prometheus answers at ${nowhere}.`,
      `No Grafana answers at ${nowhere}.`,
    ]);
  });

  it('reports that the proxy of Grafana does not reach the exporter', async () => {
    const { url, server } = await answering({
      '/api/health': [200, { version: '12.4.0' }],
      '/api/datasources/uid/runbeat-runs': [200, {}],
      '/api/datasources/proxy/uid/runbeat-runs/api/v1/schedulers': [502, {}],
    });
    const findings = await examineGrafana(url, 'secret');
    server.close();
    expect(texts(findings)).toEqual([
      `ok: Grafana 12.4.0 answers at ${url}.`,
      'fault: It does not reach the exporter through the data source runbeat-runs (status 502).',
    ]);
  });

  it('reports which target Prometheus can’t scrape, and that it lacks the rules', async () => {
    const target = { scrapeUrl: 'http://exporter:9550/metrics', health: 'down', lastError: 'connection refused' };
    const { url, server } = await answering({
      '/api/v1/targets': [200, { data: { activeTargets: [{ ...target, labels: { job: 'runbeat' } }] } }],
      '/api/v1/rules': [200, { data: { groups: [] } }],
    });
    const findings = await examinePrometheus(url);
    server.close();
    expect(texts(findings)).toEqual([
      'fault: It can’t scrape http://exporter:9550/metrics: connection refused.',
      expect.stringMatching(/^warning: It has none of the shipped rules/),
    ]);
  });
});
