import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../platform/postgres/embedded.ts';
import { percentile, judged, spread, type Bench } from './figure.ts';
import { backfill, BLOCK_SECONDS } from './month/backfill.ts';
import { panelsOver, type Panel } from './month/panels.ts';
import { seriesOf } from './month/series.ts';
import { missingBinaries } from '../platform/processes/binaries.ts';
import { startPrometheus } from './stack/prometheus.ts';
import { until } from './stack/until.ts';

type Print = Parameters<Bench>[1];

const LIMIT_MS = 1_000;
const DAGS = 200;
const RANGE_SECONDS = 30 * 86_400;
/** Number of points that Grafana requests for a panel as wide as a laptop screen. */
const STEP_SECONDS = 1_800;
const REPEATS = 3;

/**
 * Every panel of the three dashboards over 30 days of `--scale` DAGs (200), on a real Prometheus with blocks of that age. The queries of a
 * panel are sent at once, as Grafana does, and the median of three repeats counts. Writing the month takes minutes. If
 * RUNBEAT_MONTH_FOLDER is set, it is kept in that folder and reused.
 */
export const run: Bench = async ({ scale = DAGS }, print) => {
  const missing = missingBinaries('prometheus', 'promtool');
  if (missing) throw new Error(`month needs ${missing} on the PATH`);
  const panels = panelsOver(RANGE_SECONDS, STEP_SECONDS);
  const end = Math.floor(Date.now() / 1_000 / BLOCK_SECONDS) * BLOCK_SECONDS;
  const kept = process.env.RUNBEAT_MONTH_FOLDER;
  const folder = kept ?? (await mkdtemp(path.join(tmpdir(), 'runbeat-month-')));
  try {
    if (!existsSync(path.join(folder, 'data'))) await write(folder, panels, scale, end, print);
    await measure(folder, panels, end, print);
  } finally {
    if (!kept) await rm(folder, { recursive: true, force: true });
  }
};

async function write(folder: string, panels: Panel[], dags: number, end: number, print: Print): Promise<void> {
  const queries = panels.flatMap((panel) => panel.queries.flatMap(({ expr, exemplar }) => (exemplar ? [] : [expr])));
  const start = end - Math.ceil(RANGE_SECONDS / BLOCK_SECONDS + 1) * BLOCK_SECONDS;
  const samples = await backfill(folder, seriesOf(queries, dags), start, end);
  print({ bench: 'month', metric: 'samples', value: samples, unit: 'samples' });
}

async function measure(folder: string, panels: Panel[], end: number, print: Print): Promise<void> {
  const port = await freePort();
  await mkdir(path.join(folder, 'prometheus'), { recursive: true });
  // Load no rules, because they would only evaluate the present.
  await writeFile(path.join(folder, 'prometheus/prometheus.yml'), 'global: { scrape_interval: 1m }\n');
  const blocks = `--storage.tsdb.max-block-duration=${BLOCK_SECONDS / 3_600}h`;
  const prometheus = startPrometheus(folder, port, [blocks]);
  const url = `http://127.0.0.1:${port}`;
  try {
    await until('Prometheus is ready', 60, async () => (await fetch(`${url}/-/ready`)).ok || null);
    const times: { dashboard: string; title: string; ms: number; noise: number }[] = [];
    for (const panel of panels) {
      const repeats: number[] = [];
      for (let repeat = 0; repeat < REPEATS; repeat += 1) repeats.push(await ask(url, panel, end));
      times.push({ ...panel, ms: percentile(repeats, 0.5), noise: spread(repeats) });
    }
    for (const dashboard of new Set(times.map((time) => time.dashboard))) {
      const slowest = times.filter((time) => time.dashboard === dashboard).reduce((a, b) => (b.ms > a.ms ? b : a));
      const figure = {
        ...{ bench: 'month', metric: `${dashboard}_slowest_panel_ms`, value: Math.round(slowest.ms), unit: 'ms' },
        ...{ vs: `"${slowest.title}"`, better: 'lower' as const, limit: LIMIT_MS },
      };
      print(judged(figure, slowest));
    }
    for (const { title, ms } of times.sort((a, b) => b.ms - a.ms).slice(0, 6))
      console.error(`${Math.round(ms)} ms ${title}`);
  } finally {
    await prometheus.stop();
  }
}

/** Milliseconds until all queries of a panel are answered. Throws if one fails, or returns nothing although it should. */
async function ask(url: string, { title, queries }: Panel, end: number): Promise<number> {
  const started = performance.now();
  await Promise.all(
    queries.map(async ({ expr, instant, exemplar }) => {
      const range = { start: String(end - RANGE_SECONDS), end: String(end), step: String(STEP_SECONDS) };
      const body = new URLSearchParams({ query: expr, ...(instant ? { time: String(end - 1) } : range) });
      const response = await fetch(`${url}/api/v1/${instant ? 'query' : 'query_range'}`, { method: 'POST', body });
      const { data, error } = (await response.json()) as { data?: { result: unknown[] }; error?: string };
      if (!data || (!exemplar && !data.result.length))
        throw new Error(`"${title}" got nothing: ${error ?? 'no series'}\n${expr}`);
    }),
  );
  return performance.now() - started;
}
