import { addFinishedRuns, bulk, startAirflowLab, writeOut } from './airflowLab.ts';
import { round, startExporterProcess, timed, untilCaughtUp } from './exporterProcess.ts';
import { percentile, type Bench } from './figure.ts';

const FULL = 10_000_000;
const LOOKUPS = 2_000;
/** Number of warm-up lookups, after which this code is compiled. */
const WARM_LOOKUPS = 1_000;

/**
 * "Which runs belong to user N?" over HTTP, with an index of `--scale` runs with ten runs per user, which the exporter's catch-up has filled
 * from an Airflow 3.3. The peer is the scan of dag_run.conf that gives the same answer without an index.
 */
export const run: Bench = async ({ scale = FULL }, print) => {
  const users = Math.max(1, Math.floor(scale / 10));
  const lab = await startAirflowLab(`lookup-${scale}`, (client) =>
    bulk(client, 'dag_run', () => addFinishedRuns(client, scale, users)),
  );
  try {
    const exporter = await startExporterProcess({
      RUNBEAT_SOURCE_URL: lab.source.url,
      RUNBEAT_INDEX_URL: lab.index.url,
      RUNBEAT_KEYS: 'user_id=conf.user_id',
    });
    try {
      await untilCaughtUp(exporter, scale);
      await writeOut(lab.index);
      const ask = (user: number): Promise<string> => exporter.get(`/api/v1/lookup?key=user_id&value=${user}&limit=10`);
      const found = JSON.parse(await ask(users - 1)) as { items: unknown[] };
      if (found.items.length !== Math.min(10, Math.ceil(scale / users)))
        throw new Error('The lookup does not find its runs.');
      const askForAny = (): Promise<string> => ask(Math.floor(Math.random() * users));
      await timed(WARM_LOOKUPS, askForAny);
      const times = await timed(LOOKUPS, askForAny);
      const [scan] = await timed(1, () =>
        lab.client.query(`select dag_id, run_id from dag_run where conf ->> 'user_id' = '42'`),
      );
      const figure = (metric: string, value: number): void =>
        print({
          bench: 'lookup',
          metric,
          value: round(value),
          unit: 'ms',
          vs: `JSONB scan: ${round(scan!)} ms`,
          ratio: round(value / scan!),
        });
      figure('p99_ms', percentile(times, 0.99));
      figure('p50_ms', percentile(times, 0.5));
    } finally {
      await exporter.stop();
    }
  } finally {
    await lab.stop();
  }
};
