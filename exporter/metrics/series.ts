import { METRICS, type MetricDefinition, type MetricKey } from '../../shared/metrics.ts';
import type { Observation } from '../flow/observations.ts';
import { newerExemplar, type Exemplar } from './exemplars.ts';

/** State of one counter or histogram; sums are whole microseconds, so adding them up is exact. */
export interface Series {
  metric: MetricKey;
  /** In the metric's order, without `source`. */
  labels: readonly string[];
  count: number;
  sumUs: number;
  /** Number of observations in each bucket, including the one above the last bound; empty for a counter. */
  buckets: number[];
  /** The newest observation of each bucket since the exporter started; none in a series that combines several label sets. */
  exemplars?: Map<number, Exemplar> | undefined;
}

export type Bounds = Readonly<Partial<Record<MetricKey, readonly number[]>>>;

export const FOLDED = '_other';

/** Labels whose values come from an observed database, and which are therefore folded at the limit. */
const OPEN_LABELS = new Set(['dag_id', 'task_id']);

/** Metrics whose series depend only on the configuration. They must be exact, so they have no limit. */
const CONFIGURED: ReadonlySet<MetricKey> = new Set(['promiseRuns']);

type Groups = Map<MetricKey, Map<string, Series>>;

/**
 * Counters and histograms of one source. `apply` computes the changed series, which the caller stores in the same transaction as
 * the watermark. Only `accept` updates the state in memory, so a failed transaction leaves no trace here.
 */
export class SeriesStore {
  private readonly stored: Groups = new Map();

  constructor(
    stored: Iterable<Series>,
    private readonly bounds: Bounds,
    /** Maximum number of label sets per metric; further ones are folded into `_other`. */
    readonly limit: number,
  ) {
    this.accept(stored);
  }

  /** The series that these observations change, with their new values. */
  apply(observations: readonly Observation[]): Series[] {
    const staged: Groups = new Map();
    for (const observation of observations)
      this.add(this.find(observation.metric, observation.labels, staged), observation);
    return [...staged.values()].flatMap((group) => [...group.values()]);
  }

  accept(changed: Iterable<Series>): void {
    for (const series of changed) groupOf(this.stored, series.metric).set(keyOf(series.labels), series);
  }

  remove(gone: Iterable<Pick<Series, 'metric' | 'labels'>>): void {
    for (const { metric, labels } of gone) this.stored.get(metric)?.delete(keyOf(labels));
  }

  has(metric: MetricKey, labels: readonly string[]): boolean {
    return this.stored.get(metric)?.has(keyOf(labels)) ?? false;
  }

  count(metric: MetricKey, labels: readonly string[]): number {
    return this.stored.get(metric)?.get(keyOf(labels))?.count ?? 0;
  }

  all(): Series[] {
    return [...this.stored.values()].flatMap((group) => [...group.values()]);
  }

  /** The series that an observation changes: an existing one, a new one, or the folded one if the limit is reached. */
  private find(metric: MetricKey, labels: readonly string[], staged: Groups): Series {
    const group = groupOf(staged, metric);
    const known = this.known(metric, labels, group);
    if (known) return known;
    const folded = this.isFull(metric, group) ? foldedLabels(metric, labels) : labels;
    if (folded === labels) return stage(group, this.empty(metric, labels));
    this.find('seriesFolded', [METRICS[metric].name], staged).count += 1;
    return this.known(metric, folded, group) ?? stage(group, this.empty(metric, folded));
  }

  /** The staged series. If there is none, stages a copy of the stored one. */
  private known(metric: MetricKey, labels: readonly string[], group: Map<string, Series>): Series | undefined {
    const key = keyOf(labels);
    const stored = group.has(key) ? undefined : this.stored.get(metric)?.get(key);
    if (!stored) return group.get(key);
    const { buckets, exemplars } = stored;
    return stage(group, { ...stored, buckets: [...buckets], exemplars: exemplars && new Map(exemplars) });
  }

  private isFull(metric: MetricKey, staged: ReadonlyMap<string, Series>): boolean {
    if (CONFIGURED.has(metric)) return false;
    const stored = this.stored.get(metric);
    let size = stored?.size ?? 0;
    for (const key of staged.keys()) if (!stored?.has(key)) size += 1;
    return size >= this.limit;
  }

  private empty(metric: MetricKey, labels: readonly string[]): Series {
    const bounds = this.bounds[metric] ?? [];
    return { metric, labels, count: 0, sumUs: 0, buckets: bounds.length > 0 ? Array(bounds.length + 1).fill(0) : [] };
  }

  private add(series: Series, { labels, us, count = 1, within }: Observation): void {
    series.count += count;
    if (us === null) return;
    series.sumUs += us;
    const bounds = this.bounds[series.metric]!;
    // Compare in microseconds, so that exactly 3 s is in the bucket `le="3"`.
    const found = bounds.findIndex((bound) => us <= Math.round(bound * 1e6));
    const at = found < 0 ? bounds.length : found;
    series.buckets[at]! += 1;
    // A folded series has no exemplars, because its labels don't say which DAG a run belongs to.
    if (!within || keyOf(series.labels) !== keyOf(labels)) return;
    series.exemplars ??= new Map();
    series.exemplars.set(at, newerExemplar(series.exemplars.get(at), { ...within, us }));
  }
}

function stage(group: Map<string, Series>, series: Series): Series {
  group.set(keyOf(series.labels), series);
  return series;
}

function groupOf(groups: Groups, metric: MetricKey): Map<string, Series> {
  let group = groups.get(metric);
  if (!group) groups.set(metric, (group = new Map()));
  return group;
}

function keyOf(labels: readonly string[]): string {
  return labels.join('\u0000');
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
