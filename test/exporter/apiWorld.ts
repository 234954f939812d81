import type { Express } from 'express';
import { fixedToken } from '../../platform/http/access.ts';
import { createApp } from '../../exporter/app.ts';
import type { MetricsFormat } from '../../exporter/metrics/format.ts';
import { openRunbeatWorld, type RunbeatWorld } from './runbeatWorld.ts';
import { silent, type TestExporter } from './world.ts';

/** A run_id with the characters that must be escaped in a path. */
export const ODD = 'manual 2024-05-01T10:00:00+02:00/ü?&#%';

/** An exporter that has read some runs, and its API. */
export interface ApiWorld extends RunbeatWorld {
  exporter: TestExporter;
  /** The API, which requires this token unless it is null. It serves `pieces` as metrics, or else the exporter's own. */
  appWith(apiToken: string | null, pieces?: readonly Buffer[]): Express;
}

export async function openApiWorld(): Promise<ApiWorld> {
  const world = await openRunbeatWorld();
  await world.addDag('other');
  for (let n = 0; n < 30; n++) await world.addRun(`run_${n}`, { conf: { user_id: n % 3 }, ago: 1_000 - n });
  await world.addRun(ODD, { dag_id: 'other', conf: { user_id: 99 }, ago: 5, state: 'running' });
  await world.addRun('slow', { ago: 60, transition: 7, state: 'failed', conf: { user_id: [7, 8] } });
  await world.source.pool.query(
    `insert into runbeat.task_log select id, 'first', -1, 1, 'hello', false from runbeat.dag_run where run_id = 'slow'`,
  );
  const exporter = await world.start({ keys: 'user_id=conf.user_id' });
  await exporter.settle();
  await world.index.pool.query(
    `insert into runbeat_index.outage values (1, extract(epoch from now() - interval '100 s') * 1000000, extract(epoch from now()) * 1000000)`,
  );
  return {
    ...world,
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
  };
}
