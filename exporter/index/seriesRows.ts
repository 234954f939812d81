import type pg from 'pg';
import { METRICS, type MetricDefinition, type MetricKey } from '../../shared/metrics.ts';
import { FOLDED, ownLabels, type Bounds, type Series } from '../metrics/series.ts';
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

/**
 * The series of a source that were written after a fence. Series of metrics that this version does not know stay in the database.
 */
export async function loadSeries(client: pg.Pool, sourceId: number, afterFence = -1): Promise<Series[]> {
  const { rows } = await client.query<SeriesRow>(
    'select metric, labels, count, sum_us, buckets from series where source_id = $1 and fence > $2',
    [sourceId, afterFence],
  );
  return rows.flatMap((row) => {
    const metric = KEY_BY_NAME.get(row.metric);
    return metric ? [{ metric, labels: row.labels, count: row.count, sumUs: row.sum_us, buckets: row.buckets }] : [];
  });
}

export async function saveSeries(
  client: pg.PoolClient,
  { id, fence }: { id: number; fence: number },
  changed: Iterable<Series>,
): Promise<void> {
  const rows = [...changed].map((series) => ({
    metric: METRICS[series.metric].name,
    labels: series.labels,
    count: series.count,
    sum_us: series.sumUs,
    buckets: series.buckets,
  }));
  if (rows.length > 0) await client.query(UPSERT_SERIES, [id, JSON.stringify(rows), fence]);
}

/** Counts in buckets with other bounds can't be redistributed, so such a histogram restarts from zero, as after a reset. */
export async function dropRebucketed(client: pg.Pool, sourceId: number, stored: Bounds, wanted: Bounds): Promise<void> {
  const changed = (Object.keys(wanted) as MetricKey[]).filter(
    (metric) => JSON.stringify(stored[metric]) !== JSON.stringify(wanted[metric]),
  );
  if (changed.length === 0) return;
  const names = changed.map((metric) => METRICS[metric].name);
  await client.query(
    `with gone as (delete from series where source_id = $1 and metric = any($2)) update source set bounds = $3, pruned = pruned + 1 where id = $1`,
    [sourceId, names, wanted],
  );
}

/** The series of a deleted DAG are removed if they have not changed for this long, to make room for new ones. */
const GONE_AFTER = '7 days';

/** Removes the series of DAGs that were deleted long ago, and returns them. */
export async function removeGoneSeries(
  client: pg.PoolClient,
  sourceId: number,
  isGone: (dagId: string) => boolean,
): Promise<Pick<Series, 'metric' | 'labels'>[]> {
  const { rows } = await client.query<Pick<SeriesRow, 'metric' | 'labels'>>(
    'select metric, labels from series where source_id = $1 and changed_at < now() - $2::interval',
    [sourceId, GONE_AFTER],
  );
  const gone = rows.filter(({ metric, labels }) => {
    const key = KEY_BY_NAME.get(metric);
    const at = key === undefined ? -1 : ownLabels(key).indexOf('dag_id');
    return at >= 0 && labels[at] !== FOLDED && isGone(labels[at]!);
  });
  if (gone.length === 0) return [];
  await client.query(
    `delete from series s using json_to_recordset($2) as g(metric text, labels text[])
     where s.source_id = $1 and s.metric = g.metric and s.labels = g.labels`,
    [sourceId, JSON.stringify(gone)],
  );
  await client.query('update source set pruned = pruned + 1 where id = $1', [sourceId]);
  return gone.map(({ metric, labels }) => ({ metric: KEY_BY_NAME.get(metric)!, labels }));
}
