import { describe, expect, it } from 'vitest';
import { openIndex } from '../../exporter/index/database.ts';
import { runDetail } from '../../exporter/api/runDetail.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { loadFixture } from '../airflow/lab/fixture.ts';
import { databasesOfTest } from '../postgres/databasesOfTest.ts';
import { createExporter } from './world.ts';

const database = databasesOfTest();

const REFUSAL = /has the encoding (LATIN1|SQL_ASCII), but Runbeat stores text in any language and needs UTF8/;

describe.each(['LATIN1', 'SQL_ASCII'] as const)('a database in %s', (encoding) => {
  it("is refused for the scheduler's tables and the exporter's index", async () => {
    const { url } = await database({ encoding });
    await expect(migrateScheduler(url)).rejects.toThrow(REFUSAL);
    await expect(openIndex(url)).rejects.toThrow(REFUSAL);
  });

  it('is read as a source, and finds no run for a name that it can’t store', async () => {
    const [source, index] = await Promise.all([database({ encoding }), database({ encoding: 'UTF8' })]);
    await loadFixture(source.url, 'airflow-2.11.0');
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url });
    try {
      await exporter.settle();
      const detail = (dag_id: string, run_id: string): Promise<{ tasks: unknown[] }> =>
        runDetail(exporter.context, { source: 'db', dag_id, run_id });
      expect((await detail('user_flow', 'user-42-first')).tasks).toHaveLength(3);
      await expect(detail('user_flow', '日本')).rejects.toMatchObject({ code: 'unknown_run', status: 404 });
    } finally {
      await exporter.close();
    }
  });
});

describe('an Airflow whose tables are in another schema', () => {
  it('is read if they are on the role’s search path; otherwise the error says what to run', async () => {
    const [source, index] = await Promise.all([database({ encoding: 'UTF8' }), database({ encoding: 'UTF8' })]);
    await loadFixture(source.url, 'airflow-3.3.2');
    await source.pool.query('alter schema public rename to airflow; create schema public');
    const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url });
    try {
      await exporter.observer.poll();
      const statement = /: (alter role .* set search_path = "airflow")$/.exec(
        exporter.observer.status().problem ?? '',
      )?.[1];
      expect(statement, exporter.observer.status().problem ?? undefined).toBeDefined();
      await source.pool.query(statement!);
      // New sessions begin with the new search path.
      await source.pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
      await exporter.observer.poll();
      await exporter.settle();
      expect(exporter.observer.status()).toMatchObject({ kind: 'airflow3', up: true, problem: null });
    } finally {
      await exporter.close();
      await source.pool.query('alter role current_user reset search_path').catch(() => undefined);
    }
  });
});
