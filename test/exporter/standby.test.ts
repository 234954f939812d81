import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReplicaProgress } from '../../exporter/collectors/replicaProgress.ts';
import { examineSource } from '../../exporter/doctor/source.ts';
import { withClient } from '../../platform/postgres/connect.ts';
import { loadFixture } from '../airflow/lab/fixture.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';
import { startReplicated, type ReplicatedPostgres } from '../postgres/standby.ts';
import { createExporter, type TestExporter } from './world.ts';

const SECOND = 1e6;

describe('the lag of a standby', () => {
  const replica = (applied: number, received: number | null, applied_us: number | null, is_receiving = true) => ({
    received,
    applied,
    applied_us,
    is_receiving,
  });

  it('is 0 for a primary, and for a standby that has applied everything, however idle its primary is', () => {
    const progress = new ReplicaProgress();
    expect(progress.behindUs({ now_us: 100 * SECOND, replica: null })).toBe(0);
    expect(progress.behindUs({ now_us: 200 * SECOND, replica: replica(50, 50, 10 * SECOND) })).toBe(0);
  });

  it('is the time since it had received only what it has now applied', () => {
    const progress = new ReplicaProgress();
    progress.behindUs({ now_us: 100 * SECOND, replica: replica(50, 50, 90 * SECOND) });
    expect(progress.behindUs({ now_us: 102 * SECOND, replica: replica(50, 60, 90 * SECOND) })).toBe(2 * SECOND);
    expect(progress.behindUs({ now_us: 104 * SECOND, replica: replica(55, 70, 90 * SECOND) })).toBe(4 * SECOND);
    expect(progress.behindUs({ now_us: 106 * SECOND, replica: replica(60, 70, 90 * SECOND) })).toBe(4 * SECOND);
    expect(progress.behindUs({ now_us: 108 * SECOND, replica: replica(70, 70, 90 * SECOND) })).toBe(0);
  });

  it('grows while nothing is received, until changes are applied again', () => {
    const progress = new ReplicaProgress();
    progress.behindUs({ now_us: 100 * SECOND, replica: replica(50, 50, 99 * SECOND) });
    expect(progress.behindUs({ now_us: 130 * SECOND, replica: replica(50, 50, 99 * SECOND, false) })).toBe(30 * SECOND);
    expect(progress.behindUs({ now_us: 131 * SECOND, replica: replica(60, null, 128 * SECOND, false) })).toBe(
      3 * SECOND,
    );
  });
});

describe('an Airflow that is read from a standby', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-standby-'));
  chmodSync(folder, 0o755);
  let postgres: ReplicatedPostgres;
  let index: TestDatabase;
  let exporter: TestExporter;
  let primary: pg.Client;
  let standby: pg.Client;

  beforeAll(async () => {
    postgres = await startReplicated(folder);
    index = await createTestDatabase();
    await loadFixture(postgres.primary.adminUrlOf('postgres'), 'airflow-3.3.2', { takenAt: new Date() });
    primary = await connected(postgres.primary.adminUrlOf('postgres'));
    standby = await connected(postgres.standbyUrlOf('postgres'));
    await applied();
    exporter = await createExporter({ sourceUrl: postgres.standbyUrlOf('postgres'), indexUrl: index.url });
    await exporter.settle();
  });
  afterAll(async () => {
    await exporter?.close();
    await Promise.all([primary?.end(), standby?.end()]);
    await postgres?.stop();
    await index?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Waits until the standby has applied what the primary has written. */
  async function applied(): Promise<void> {
    const { rows } = await primary.query<{ lsn: string }>('select pg_current_wal_insert_lsn()::text as lsn');
    for (;;) {
      const { rows: done } = await standby.query<{ done: boolean }>(
        'select pg_last_wal_replay_lsn() >= $1::pg_lsn as done',
        [rows[0]!.lsn],
      );
      if (done[0]!.done) return;
      await primary.query('select pg_logical_emit_message(true, $$flush$$, $$$$)');
    }
  }

  const beat = async (): Promise<void> => {
    await primary.query(
      "update job set latest_heartbeat = clock_timestamp() where job_type = 'SchedulerJob' and state = 'running'",
    );
  };

  it('is read like a primary', async () => {
    await beat();
    await applied();
    await exporter.observer.poll();
    expect(exporter.observer.status()).toMatchObject({ kind: 'airflow3', up: true, problem: null });
    expect(exporter.observer.schedulers.filter(({ alive }) => alive).length).toBeGreaterThan(0);
  });

  it.each([
    ['read-write', false],
    ['primary', false],
    ['read-only', true],
    ['standby', true],
    ['prefer-standby', true],
  ])('is chosen from several hosts by target_session_attrs=%s as libpq chooses it', async (wanted, isStandby) => {
    const [one, other] = [postgres.standbyUrlOf('postgres'), postgres.primary.adminUrlOf('postgres')].map(
      (url) => new URL(url),
    );
    for (const ports of [`${one!.port},${other!.port}`, `${other!.port},${one!.port}`]) {
      const url = new URL(one!.href);
      url.search = `?host=127.0.0.1,127.0.0.1&port=${ports}&target_session_attrs=${wanted}`;
      const rows = await withClient(
        { url: url.href, name: 'test' },
        async (client) => (await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby')).rows,
      );
      expect(rows).toEqual([{ standby: isStandby }]);
    }
  });

  it('is named as a standby in the error if only a primary is accepted', async () => {
    const url = `${postgres.standbyUrlOf('postgres')}?target_session_attrs=primary`;
    await expect(withClient({ url, name: 'test' }, () => Promise.resolve())).rejects.toThrow(
      /No host is what target_session_attrs=primary asks for: 127\.0\.0\.1:\d+ is a standby/,
    );
  });

  it('is recognised by the doctor', async () => {
    const { config } = exporter.observer;
    expect((await examineSource(config, 10)).map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^It is a standby that has /),
    );
  });

  it('counts as unreachable once it lags by half the heartbeat threshold, before schedulers would appear dead', async () => {
    const hasty = await createExporter({
      sourceUrl: postgres.standbyUrlOf('postgres'),
      indexUrl: index.url,
      source: { name: 'hasty', heartbeatThresholdSeconds: 1 },
    });
    await standby.query('select pg_wal_replay_pause()');
    try {
      await beat();
      while (hasty.observer.status().problem === null) await hasty.observer.poll();
      expect(hasty.observer.status()).toMatchObject({
        up: false,
        problem: expect.stringMatching(/standby that is \d+ s behind its primary/) as string,
      });
      await standby.query('select pg_wal_replay_resume()');
      while (!hasty.observer.status().up) await hasty.observer.poll();
    } finally {
      await standby.query('select pg_wal_replay_resume()');
      await hasty.close();
    }
  });

  it('does not count as a replaced database if it lacks runs that were read before', async () => {
    const { rows } = await index.pool.query('select id, name from runbeat_index.source');
    await index.pool.query(
      'update runbeat_index.source set watermark = watermark + 100, snapshot_xmax = snapshot_xmax + 1000000, fence = fence + 1',
    );
    await exporter.observer.poll();
    await exporter.observer.poll();
    expect(exporter.observer.status().problem).toMatch(/standby that has not yet applied/);
    expect((await index.pool.query('select id, name from runbeat_index.source')).rows).toEqual(rows);
  });
});

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
