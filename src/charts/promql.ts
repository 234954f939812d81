/** One query to Prometheus, as Grafana's data source takes it. */
export interface PromTarget {
  refId: string;
  expr: string;
  legendFormat: string;
  /** One value at the end of the range instead of a line over it. */
  instant?: boolean;
  /** The smallest step, as Grafana writes it. */
  interval?: string;
}

const QUANTILES = [
  ['0.5', 'p50'],
  ['0.95', 'p95'],
  ['0.99', 'p99'],
] as const;

/** What a chart asks Prometheus. */
export interface SeriesQuery {
  targets: readonly PromTarget[];
  /** The same of what recording rules keep, for long ranges. Not every Prometheus has our rules. */
  recorded?: { targets: readonly PromTarget[]; probe: string };
}

/** Buckets that a recording rule keeps: a counter as the metric's own is, or its rate already. */
export interface RecordedBuckets {
  name: string;
  keeps: 'counter' | 'rate';
  /** Grafana's smallest step: how often the rule is evaluated. */
  interval: string;
}

/** What series have to carry; a label without a value may be anything. */
type Labels = Readonly<Record<string, string | undefined>>;

export function labelMatchers(labels: Labels): string {
  const known = Object.entries(labels).filter(([, value]) => value !== undefined);
  return `{${known.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}

/** p50, p95 and p99 of a histogram over time; `labels` keeps to the series that carry them. */
export function quantiles(metric: string, record: RecordedBuckets, labels: Labels): SeriesQuery {
  const select = (series: string, more: Labels = {}) => series + labelMatchers({ ...labels, ...more });
  // A rate that is kept is averaged, so that a step of hours tells of all of them and not of its last minutes.
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
