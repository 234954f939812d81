/** One query for Grafana's Prometheus data source. */
export interface PromTarget {
  refId: string;
  expr: string;
  legendFormat: string;
  /** One value at the end of the range instead of a line over it. */
  instant?: boolean;
  /** The minimum step, in Grafana's format. */
  interval?: string;
}

const QUANTILES = [
  ['0.5', 'p50'],
  ['0.95', 'p95'],
  ['0.99', 'p99'],
] as const;

/** The Prometheus queries of a chart. */
export interface SeriesQuery {
  targets: readonly PromTarget[];
  /** The same from recorded series, for long ranges. Not every Prometheus has our recording rules. */
  recorded?: { targets: readonly PromTarget[]; probe: string };
}

/** Buckets that a recording rule stores: as a counter, like those of the metric, or as a rate. */
export interface RecordedBuckets {
  name: string;
  keeps: 'counter' | 'rate';
  /** Grafana's minimum step, which is how often the rule is evaluated. */
  interval: string;
}

/** Labels that series must have; a label without a value is ignored. */
type Labels = Readonly<Record<string, string | undefined>>;

export function labelMatchers(labels: Labels): string {
  const known = Object.entries(labels).filter(([, value]) => value !== undefined);
  return `{${known.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}

/** p50, p95 and p99 of a histogram over time; `labels` selects series. */
export function quantiles(metric: string, record: RecordedBuckets, labels: Labels): SeriesQuery {
  const select = (series: string, more: Labels = {}) => series + labelMatchers({ ...labels, ...more });
  // Average a recorded rate, so that a step of hours covers all of them, not only its last minutes.
  const over = { counter: 'rate', rate: 'avg_over_time' }[record.keeps];
  return {
    targets: quantilesOf(`rate(${select(`${metric}_bucket`)}[$__rate_interval])`),
    recorded: {
      targets: quantilesOf(`${over}(${select(record.name)}[$__rate_interval])`).map((target) => ({
        ...target,
        interval: record.interval,
      })),
      probe: `count(present_over_time(${select(record.name, { le: '+Inf' })}[$__range]))`,
    },
  };
}

function quantilesOf(buckets: string): PromTarget[] {
  return QUANTILES.map(([quantile, name]) => ({
    refId: name,
    expr: `histogram_quantile(${quantile}, sum by (le) (${buckets}))`,
    legendFormat: name,
  }));
}
