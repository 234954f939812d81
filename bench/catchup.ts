import { addFinishedRuns, bulk, startAirflowLab } from './airflowLab.ts';
import { round, startExporterProcess, timed, untilCaughtUp } from './exporterProcess.ts';
import type { Bench } from './figure.ts';

const FULL = 1_000_000;

/**
 * How many runs per second the exporter indexes from a new history: an Airflow 3.3 with `--scale` runs with one business key each, and a
 * durable index on a separate server. The peer is one pass of the server over the same rows.
 */
export const run: Bench = async ({ scale = FULL }, print) => {
  const lab = await startAirflowLab(`catchup-${scale}`, (client) =>
    bulk(client, 'dag_run', () => addFinishedRuns(client, scale, 100_000)),
  );
  try {
    const [pass] = await timed(1, () => lab.client.query(`select count(conf ->> 'user_id') from dag_run`));
    const exporter = await startExporterProcess({
      RUNBEAT_SOURCE_URL: lab.source.url,
      RUNBEAT_INDEX_URL: lab.index.url,
      RUNBEAT_KEYS: 'user_id=conf.user_id',
    });
    try {
      const rate = scale / (await untilCaughtUp(exporter, scale, 50));
      const limit = scale / (pass! / 1000);
      const vs = `one pass over the JSONB: ${round(limit)} runs/s`;
      print({
        bench: 'catchup',
        metric: 'runs_per_second',
        value: round(rate),
        unit: '1/s',
        vs,
        ratio: round(rate / limit),
      });
      print({ bench: 'catchup', metric: 'rss_mb', value: round(exporter.rss()), unit: 'MB' });
    } finally {
      await exporter.stop();
    }
  } finally {
    await lab.stop();
  }
};
