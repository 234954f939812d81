import type pg from 'pg';
import { METRICS, type MetricDefinition, type MetricKey } from '../../shared/metrics.ts';
import type { Bounds, Series } from '../metrics/series.ts';
import { UPSERT_SERIES } from './statements.ts';

interface SeriesRow {
  metric: string;
  labels: string[];
  count: number;
  sum_us: number;
  buckets: number[];
}

const KEY_BY_NAME = new Map(
  (Object.entries(METRICS) as [MetricKey, MetricDefinition][]).map(([key, metric]) => [metric.name, key] as const),
);

/** State of a source's counters. A series of a metric that this version does not know stays in the database. */
export async function loadSeries(client: pg.Pool, sourceId: number): Promise<Series[]> {
  const { rows } = await client.query<SeriesRow>(
    'select metric, labels, count, sum_us, buckets from series where source_id = $1',
    [sourceId],
  );
  return rows.flatMap((row) => {
    const metric = KEY_BY_NAME.get(row.metric);
    return metric ? [{ metric, labels: row.labels, count: row.count, sumUs: row.sum_us, buckets: row.buckets }] : [];
  });
}

export async function saveSeries(client: pg.PoolClient, sourceId: number, changed: Iterable<Series>): Promise<void> {
  const rows = [...changed].map((series) => ({
    metric: METRICS[series.metric].name,
    labels: series.labels,
    count: series.count,
    sum_us: series.sumUs,
    buckets: series.buckets,
  }));
  if (rows.length > 0) await client.query(UPSERT_SERIES, [sourceId, JSON.stringify(rows)]);
}

/** Buckets counted with other bounds can't be told apart again; such a histogram starts anew, as after a reset. */
export async function dropRebucketed(client: pg.Pool, sourceId: number, stored: Bounds, wanted: Bounds): Promise<void> {
  const changed = (Object.keys(wanted) as MetricKey[]).filter(
    (metric) => JSON.stringify(stored[metric]) !== JSON.stringify(wanted[metric]),
  );
  if (changed.length === 0) return;
  const names = changed.map((metric) => METRICS[metric].name);
  await client.query(
    `with gone as (delete from series where source_id = $1 and metric = any($2)) update source set bounds = $3 where id = $1`,
    [sourceId, names, wanted],
  );
}
