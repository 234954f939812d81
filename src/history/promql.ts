import type { PromTarget } from './useSeries.ts';

const QUANTILES = [
  ['0.5', 'p50'],
  ['0.95', 'p95'],
  ['0.99', 'p99'],
] as const;

/** p50, p95 and p99 of a histogram over time; `labels` keeps to the series that carry them. */
export function quantileTargets(metric: string, labels: Readonly<Record<string, string>> = {}): PromTarget[] {
  const selector = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const rate = `rate(${metric}_bucket{${selector.join(', ')}}[$__rate_interval])`;
  return QUANTILES.map(([quantile, name]) => ({
    refId: name,
    expr: `histogram_quantile(${quantile}, sum by (le) (${rate}))`,
    legendFormat: name,
  }));
}
