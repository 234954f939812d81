import { METRICS, type MetricDefinition } from '../../shared/metrics.ts';
import { recordLabels } from '../records/labels.ts';

/** Labels of every series that our expressions may read, by name. */
export type Catalogue = ReadonlyMap<string, ReadonlySet<string>>;

/** Labels that Prometheus adds to every scraped series. */
const SCRAPE_LABELS = ['job', 'instance'];

/** The exporter's metric table, Prometheus's `up`, and the given records. */
export function catalogue(records: readonly string[]): Catalogue {
  const series = new Map<string, Set<string>>();
  const add = (name: string, labels: readonly string[]): unknown => series.set(name, new Set(labels));
  add('up', SCRAPE_LABELS);
  for (const record of records) add(record, recordLabels(record));
  for (const metric of Object.values<MetricDefinition>(METRICS)) {
    const labels = [...metric.labels, ...SCRAPE_LABELS];
    if (metric.type !== 'histogram') add(metric.name, labels);
    else {
      add(`${metric.name}_bucket`, [...labels, 'le']);
      add(`${metric.name}_sum`, labels);
      add(`${metric.name}_count`, labels);
    }
  }
  return series;
}
