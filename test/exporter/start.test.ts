import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readExporterConfig } from '../../exporter/config.ts';
import { startExporter, type RunningExporter } from '../../exporter/main.ts';
import type { Logger } from '../../platform/log.ts';
import { freePort, startEmbedded } from '../../platform/postgres/embedded.ts';
import type { LookupItem, Page, SourceStatus } from '../../shared/api.ts';
import { loadFixture } from '../airflow/lab/fixture.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { silent } from './world.ts';

let source: TestDatabase;
let folder: string;

beforeAll(async () => {
  source = await createTestDatabase();
  await loadFixture(source.url, 'airflow-3.3.2', { takenAt: new Date() });
  folder = mkdtempSync(path.join(tmpdir(), 'runbeat-start-'));
  chmodSync(folder, 0o755);
});
afterAll(async () => {
  await source.drop();
  rmSync(folder, { recursive: true });
});

function start(more: Record<string, string> = {}, logger: Logger = silent): Promise<RunningExporter> {
  const dataDir = path.join(folder, 'data');
  const settings = {
    RUNBEAT_SOURCE_URL: source.url,
    RUNBEAT_DATA_DIR: dataDir,
    RUNBEAT_LISTEN: '127.0.0.1:0',
    RUNBEAT_KEYS: 'user_id=conf.user_id',
  };
  return startExporter(readExporterConfig({ ...settings, ...more }), logger);
}

async function get<Body>(exporter: RunningExporter, at: string): Promise<Body> {
  return (await (await fetch(exporter.url + at)).json()) as Body;
}

const lookup = (exporter: RunningExporter): Promise<Page<LookupItem>> =>
  get(exporter, '/api/v1/lookup?key=user_id&value=42');

describe('the exporter', () => {
  it('needs only the URL of an Airflow, keeps its own index, and works again after a restart', async () => {
    const first = await start();
    await vi.waitFor(async () => expect((await lookup(first)).items).toHaveLength(2), 60_000);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${first.url}/metrics`)).text()).toContain('runbeat_source_up{source="airflow"} 1');
    await first.stop();
    await first.stop();
    expect(existsSync(path.join(folder, 'data/index/PG_VERSION'))).toBe(true);

    const second = await start();
    expect((await lookup(second)).items).toHaveLength(2);
    await second.stop();
  });

  it('refuses to keep its index in the database of an Airflow', async () => {
    await expect(start({ RUNBEAT_INDEX_URL: source.url })).rejects.toThrow(/database of an Airflow/);
    const { rows } = await source.pool.query(`select to_regnamespace('runbeat_index') as index`);
    expect(rows).toEqual([{ index: null }]);
  });

  it('says that its port is in use, and leaves nothing running', async () => {
    const index = await createTestDatabase();
    const first = await start({ RUNBEAT_INDEX_URL: index.url });
    const taken = new URL(first.url).host;
    await expect(start({ RUNBEAT_INDEX_URL: index.url, RUNBEAT_LISTEN: taken })).rejects.toThrow(
      /Port \d+ on 127\.0\.0\.1 is in use/,
    );
    await first.stop();
    await index.drop();
  });

  it('says that its index does not exist', async () => {
    const index = await createTestDatabase();
    await index.drop();
    await expect(start({ RUNBEAT_INDEX_URL: index.url })).rejects.toThrow(
      /index can't be opened: .*there is no such database/,
    );
  });

  it('waits for an index whose server is down', async () => {
    const server = { dataDir: path.join(folder, 'later'), port: await freePort(), durable: false };
    const before = await startEmbedded(server);
    await before.stop();
    let waits = (): void => undefined;
    const waiting = new Promise<void>((resolve) => (waits = resolve));
    const logger = Object.assign(silent.child({}), { warn: () => waits() });
    const starting = start({ RUNBEAT_INDEX_URL: before.url }, logger);
    await waiting;
    const postgres = await startEmbedded(server);
    const exporter = await starting;
    expect((await fetch(`${exporter.url}/healthz`)).status).toBe(200);
    await exporter.stop();
    await postgres.stop();
  });

  it('starts although a source is down, and says so', async () => {
    const index = await createTestDatabase();
    const exporter = await start({ RUNBEAT_INDEX_URL: index.url, RUNBEAT_SOURCE_URL: 'postgres://x@127.0.0.1:1/x' });
    await vi.waitFor(async () => {
      const { items } = await get<Page<SourceStatus>>(exporter, '/api/v1/sources');
      expect(items).toMatchObject([{ up: false, problem: 'connect: nothing answers at 127.0.0.1:1' }]);
    }, 60_000);
    expect((await fetch(`${exporter.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${exporter.url}/healthz`)).status).toBe(200);
    await exporter.stop();
    await index.drop();
  });
});
