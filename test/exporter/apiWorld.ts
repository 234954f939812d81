import type { Express } from 'express';
import { fixedToken } from '../../platform/http/access.ts';
import { createApp } from '../../exporter/app.ts';
import type { MetricsFormat } from '../../exporter/metrics/format.ts';
import type { TestDatabase } from '../postgres/database.ts';
import { addDag, addRun, addScheduler, createRunbeatDatabases } from './runbeatRows.ts';
import { createExporter, silent, type TestExporter } from './world.ts';

/** A run_id with every character that a path dislikes. */
export const ODD = 'manual 2024-05-01T10:00:00+02:00/ü?&#%';

/** An exporter that has read some runs, and its API. */
export interface ApiWorld {
  source: TestDatabase;
  index: TestDatabase;
  exporter: TestExporter;
  /** The API that asks for this token, or for none; `pieces` are served as metrics. */
  appWith(apiToken: string | null, pieces?: readonly Buffer[]): Express;
  close(): Promise<void>;
}

export async function openApiWorld(): Promise<ApiWorld> {
  const { source, index } = await createRunbeatDatabases();
  await addDag(source.pool, 'other');
  await addScheduler(source.pool, 'alpha');
  for (let n = 0; n < 30; n++) await addRun(source.pool, `run_${n}`, { conf: { user_id: n % 3 }, ago: 1_000 - n });
  await addRun(source.pool, ODD, { dag_id: 'other', conf: { user_id: 99 }, ago: 5, state: 'running' });
  await addRun(source.pool, 'slow', { ago: 60, transition: 7, state: 'failed', conf: { user_id: [7, 8] } });
  await source.pool.query(
    `insert into runbeat.task_log select id, 'first', -1, 1, 'hello', false from runbeat.dag_run where run_id = 'slow'`,
  );
  const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, keys: 'user_id=conf.user_id' });
  await exporter.settle();
  await index.pool.query(
    `insert into runbeat_index.outage values (1, extract(epoch from now() - interval '100 s') * 1000000, extract(epoch from now()) * 1000000)`,
  );
  return {
    source,
    index,
    exporter,
    appWith: (apiToken, pieces) =>
      createApp({
        ...exporter.context,
        metrics: async (format: MetricsFormat) => pieces ?? [Buffer.from(await exporter.metrics(format))],
        tokens: apiToken === null ? null : fixedToken('RUNBEAT_API_TOKEN', apiToken),
        listenHost: '127.0.0.1',
        version: '1.2.3',
        readyLagSeconds: 30,
        logger: silent,
      }),
    close: async () => {
      await exporter.close();
      await Promise.all([source.drop(), index.drop()]);
    },
  };
}
