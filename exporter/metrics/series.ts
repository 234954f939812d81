import { METRICS, type MetricDefinition, type MetricKey } from '../../shared/metrics.ts';
import type { Observation } from '../flow/observations.ts';

/** State of one counter or histogram; sums are whole microseconds, so adding them up is exact. */
export interface Series {
  metric: MetricKey;
  /** In the metric's order, without `source`. */
  labels: readonly string[];
  count: number;
  sumUs: number;
  /** How many observations fell into each bucket, the one above the last bound included; empty for a counter. */
  buckets: number[];
}

export type Bounds = Readonly<Partial<Record<MetricKey, readonly number[]>>>;

export const FOLDED = '_other';

/** Labels whose values an observed database makes up, and which are therefore folded at the limit. */
const OPEN_LABELS = new Set(['dag_id', 'task_id']);

/**
 * Counters and histograms of one source. `apply` changes them in memory and says which changed, for the caller to store
 * in the same transaction as what it has read; `Exposition` is told of them only after that.
 */
export class SeriesStore {
  private readonly byMetric = new Map<MetricKey, Map<string, Series>>();

  constructor(
    stored: Iterable<Series>,
    private readonly bounds: Bounds,
    /** Label sets per metric; what comes on top is folded into one with `_other`. */
    private readonly limit: number,
  ) {
    for (const series of stored) this.of(series.metric).set(series.labels.join('\u0000'), series);
  }

  apply(observations: readonly Observation[]): Set<Series> {
    const changed = new Set<Series>();
    for (const observation of observations) {
      const series = this.find(observation.metric, observation.labels, changed);
      this.add(series, observation.us);
      changed.add(series);
    }
    return changed;
  }

  count(metric: MetricKey, labels: readonly string[]): number {
    return this.byMetric.get(metric)?.get(labels.join('\u0000'))?.count ?? 0;
  }

  all(): Series[] {
    return [...this.byMetric.values()].flatMap((group) => [...group.values()]);
  }

  private of(metric: MetricKey): Map<string, Series> {
    let group = this.byMetric.get(metric);
    if (!group) this.byMetric.set(metric, (group = new Map()));
    return group;
  }

  private find(metric: MetricKey, labels: readonly string[], changed: Set<Series>): Series {
    const group = this.of(metric);
    const known = group.get(labels.join('\u0000'));
    if (known) return known;
    const folded = group.size < this.limit ? labels : foldedLabels(metric, labels);
    if (folded !== labels) this.countFolded(metric, changed);
    const key = folded.join('\u0000');
    let series = group.get(key);
    if (!series) {
      const bounds = this.bounds[metric] ?? [];
      series = {
        metric,
        labels: folded,
        count: 0,
        sumUs: 0,
        buckets: bounds.length > 0 ? Array(bounds.length + 1).fill(0) : [],
      };
      group.set(key, series);
    }
    return series;
  }

  private countFolded(metric: MetricKey, changed: Set<Series>): void {
    const counter = this.find('seriesFolded', [METRICS[metric].name], changed);
    counter.count += 1;
    changed.add(counter);
  }

  private add(series: Series, us: number | null): void {
    series.count += 1;
    if (us === null) return;
    series.sumUs += us;
    const bounds = this.bounds[series.metric]!;
    // Compared in microseconds: 3 s is in the bucket `le="3"`, exactly.
    const at = bounds.findIndex((bound) => us <= Math.round(bound * 1e6));
    series.buckets[at < 0 ? bounds.length : at]! += 1;
  }
}

function foldedLabels(metric: MetricKey, labels: readonly string[]): readonly string[] {
  const names = ownLabels(metric);
  const folded = labels.map((value, at) => (OPEN_LABELS.has(names[at]!) ? FOLDED : value));
  return folded.some((value, at) => value !== labels[at]) ? folded : labels;
}

/** Names of a metric's labels without `source`, which every series of a store shares. */
export function ownLabels(metric: MetricKey): string[] {
  return (METRICS[metric] as MetricDefinition).labels.filter((label) => label !== 'source');
}
