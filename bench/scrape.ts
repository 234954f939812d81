import type pg from 'pg';
import {
  addActiveRuns,
  addFinishedRuns,
  addFinishedTasks,
  bulk,
  moveOn,
  readerCost,
  startAirflowLab,
  TASKS_PER_RUN,
  type AirflowLab,
} from './airflowLab.ts';
import { round, startExporterProcess, timed, untilCaughtUp, type ExporterProcess } from './exporterProcess.ts';
import { percentile, tell, type Bench } from './figure.ts';

const FULL = 10_000_000;
const SMALL = 100_000;
const ACTIVE_RUNS = 200;
const POLL_SECONDS = 0.5;
const SCRAPES = 600;

interface Measured {
  p50: number;
  p99: number;
  dbMs: number;
  rss: number;
  groupByMs: number;
}

/**
 * A scrape of an exporter that observes 200 active runs in an Airflow 3.3 with `--scale` finished task instances. The peer is the GROUP BY
 * over all of them with which other exporters answer a scrape. `db_ms_per_poll` is the time that the server spent on planning and
 * executing the exporter's statements (pg_stat_statements, by its role), without those of the scheduler.
 */
export const run: Bench = async ({ scale = FULL }, print) => {
  const small = await measure(Math.min(SMALL, scale));
  const full = scale > SMALL ? await measure(scale) : small;
  const figure = (metric: string, value: number, unit: string, vs?: string, ratio?: number): void =>
    print({
      bench: 'scrape',
      metric,
      value: round(value),
      unit,
      vs,
      ratio: ratio === undefined ? undefined : round(ratio),
    });
  figure('p99_ms', full.p99, 'ms', `GROUP BY per scrape: ${round(full.groupByMs)} ms`, full.p99 / full.groupByMs);
  figure('p50_ms', full.p50, 'ms');
  figure(
    'db_ms_per_poll',
    full.dbMs,
    'ms',
    `GROUP BY per scrape: ${round(full.groupByMs)} ms; planning and execution of the exporter's own statements`,
    full.dbMs / full.groupByMs,
  );
  figure('rss_mb', full.rss, 'MB');
  figure('growth_ratio', full.dbMs / small.dbMs, '1', `GROUP BY: ${round(full.groupByMs / small.groupByMs)}`);
  figure('scrape_growth_ratio', full.p50 / small.p50, '1');
};

async function measure(taskInstances: number): Promise<Measured> {
  tell(`scrape at ${taskInstances} task instances`);
  const runs = Math.ceil(taskInstances / TASKS_PER_RUN);
  const lab = await startAirflowLab(`scrape-${taskInstances}`, async (client) => {
    await bulk(client, 'dag_run', () => addFinishedRuns(client, runs, 10_000));
    await bulk(client, 'task_instance', () => addFinishedTasks(client));
  });
  try {
    await addActiveRuns(lab.client, ACTIVE_RUNS);
    return await measureOn(lab, runs);
  } finally {
    await lab.stop();
  }
}

async function measureOn({ client, readerUrl, index }: AirflowLab, runs: number): Promise<Measured> {
  const exporter = await startExporterProcess({
    RUNBEAT_SOURCE_URL: readerUrl,
    RUNBEAT_INDEX_URL: index.url,
    RUNBEAT_KEYS: 'user_id=conf.user_id',
    RUNBEAT_POLL_INTERVAL: String(POLL_SECONDS),
  });
  try {
    await untilCaughtUp(exporter, runs);
    tell(`${SCRAPES} scrapes`);
    const before = await readerCost(client);
    const times = await scrapes(exporter, client);
    const after = await readerCost(client);
    const dbMs = (after.ms - before.ms) / (after.polls - before.polls);
    const rss = exporter.rss();
    const groupBy = await timed(1, () =>
      client.query('select dag_id, state, count(*) from task_instance group by 1, 2'),
    );
    return { p50: percentile(times, 0.5), p99: percentile(times, 0.99), dbMs, rss, groupByMs: groupBy[0]! };
  } finally {
    await exporter.stop();
  }
}

/** Scrapes one after another. Now and then, the simulated scheduler makes progress between two scrapes. */
async function scrapes(exporter: ExporterProcess, client: pg.Client): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < SCRAPES; n++) {
    if (n % 20 === 0) await moveOn(client);
    times.push(...(await timed(1, () => exporter.scrape())));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return times.sort((a, b) => a - b);
}
