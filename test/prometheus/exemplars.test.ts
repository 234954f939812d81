import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../bench/stack/until.ts';
import { startPrometheus, type RunningPrometheus } from '../../cli/demo/prometheus.ts';
import { readExporterConfig } from '../../exporter/config.ts';
import { startExporter, type RunningExporter } from '../../exporter/main.ts';
import { allDashboards } from '../../observability/dashboards/all.ts';
import { withoutVariables } from '../../observability/promql/variables.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';
import { freePort } from '../../platform/postgres/embedded.ts';
import { addRun, addScheduler, createRunbeatDatabases } from '../exporter/runbeatRows.ts';
import { silent } from '../exporter/world.ts';
import type { TestDatabase } from '../postgres/database.ts';

interface ExemplarsOfSeries {
  seriesLabels: Record<string, string>;
  exemplars: { labels: Record<string, string>; value: string; timestamp: number }[];
}

let source: TestDatabase;
let index: TestDatabase;
let exporter: RunningExporter;
let prometheus: RunningPrometheus;
const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-exemplars-'));

beforeAll(async () => {
  ({ source, index } = await createRunbeatDatabases());
  await addScheduler(source.pool, 'alpha');
  const settings = {
    RUNBEAT_SOURCE_URL: source.url,
    RUNBEAT_INDEX_URL: index.url,
    RUNBEAT_SOURCE_NAME: 'main',
    RUNBEAT_LISTEN: '127.0.0.1:0',
    RUNBEAT_POLL_INTERVAL: '0.5',
  };
  exporter = await startExporter(readExporterConfig(settings), silent);
  const thresholds = { ...DEFAULT_THRESHOLDS, scrape_interval: 1 };
  prometheus = (await startPrometheus({
    folder,
    exporter: new URL(exporter.url).host,
    port: await freePort(),
    thresholds,
  }))!;
  await until('the exporter is scraped', 60, async () => (await ask('query', 'up{job="runbeat"} == 1')).length || null);
});
afterAll(async () => {
  await prometheus?.stop();
  await exporter?.stop();
  await Promise.all([source.drop(), index.drop()]);
  rmSync(folder, { recursive: true });
});

async function ask<Row>(endpoint: string, query: string): Promise<Row[]> {
  const range = `start=${Date.now() / 1000 - 3600}&end=${Date.now() / 1000 + 60}&step=15`;
  const response = await fetch(`${prometheus.url}/api/v1/${endpoint}?query=${encodeURIComponent(query)}&${range}`);
  const { data, error } = (await response.json()) as { data: Row[] | { result: Row[] }; error?: string };
  if (error) throw new Error(error);
  return Array.isArray(data) ? data : data.result;
}

const exemplarQueries = allDashboards(DEFAULT_THRESHOLDS).flatMap(({ panels }) =>
  (panels ?? []).flatMap((panel) => {
    const { title, targets } = panel as { title?: string; targets?: { expr?: string; exemplar?: boolean }[] };
    return (targets ?? [])
      .filter(({ exemplar }) => exemplar)
      .map(({ expr }) => ({ panel: title ?? '', expr: withoutVariables(expr!).expression }));
  }),
);

describe('exemplars, over a real Prometheus', () => {
  it('a run that has ended is an exemplar of the buckets in which it was counted', async () => {
    await addRun(source.pool, 'manual__2024-05-01T10:00:00+00:00', { ago: 12, transition: 4 });
    const series = await until('the exemplar is there', 60, async () => {
      const found = await ask<ExemplarsOfSeries>('query_exemplars', 'runbeat_task_transition_seconds_bucket');
      return found.length > 0 ? found : null;
    });
    expect(series).toHaveLength(1);
    expect(series[0]!.seriesLabels).toMatchObject({ source: 'main', dag_id: 'flow', le: '5' });
    expect(series[0]!.exemplars).toEqual([
      {
        labels: { run_id: 'manual__2024-05-01T10:00:00+00:00', task_id: 'second' },
        value: '4',
        timestamp: expect.closeTo(Date.now() / 1000, -3) as number,
      },
    ]);
  });

  it.each(exemplarQueries)('"$panel" shows them without a query for samples', async ({ expr }) => {
    const found = await until('exemplars', 60, async () => {
      const rows = await ask<ExemplarsOfSeries>('query_exemplars', expr);
      return rows.length > 0 ? rows : null;
    });
    expect(found.every(({ exemplars }) => exemplars.every(({ labels }) => labels.run_id))).toBe(true);
    expect(await ask('query_range', expr)).toEqual([]);
  });

  it('are shown by the panels of transitions, tasks and runs', () => {
    expect(exemplarQueries.map(({ panel }) => panel).sort()).toEqual(
      ['Run duration', 'Slowest tasks, hourly mean', 'Transition latency'].sort(),
    );
  });
});
