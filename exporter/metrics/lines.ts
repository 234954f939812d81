import { METRICS, type MetricDefinition } from '../../shared/metrics.ts';
import { exemplarLabels, type Exemplar } from './exemplars.ts';
import type { MetricsFormat } from './format.ts';
import { ownLabels, type Series } from './series.ts';

/** The HELP and TYPE lines of a metric. OpenMetrics names a counter without the `_total` of its samples. */
export function headOf({ name, help, type }: MetricDefinition, format: MetricsFormat): string {
  const isOpen = format === 'openmetrics';
  const family = isOpen && type === 'counter' ? name.replace(/_total$/, '') : name;
  const text = help.replaceAll('\\', '\\\\');
  return `# HELP ${family} ${isOpen ? text.replaceAll('"', '\\"') : text}\n# TYPE ${family} ${type}\n`;
}

/**
 * The samples of one counter or histogram. `le` is the same in both formats, although OpenMetrics prefers "1.0" to "1".
 * Otherwise, histograms in Prometheus 2, which does not normalize it, would restart with each change of format.
 */
export function seriesText(source: string, series: Series, bounds: readonly number[], format: MetricsFormat): string {
  const { name, type } = METRICS[series.metric];
  const names = ownLabels(series.metric);
  const labels = labelText({ source, ...Object.fromEntries(series.labels.map((value, at) => [names[at]!, value])) });
  if (type !== 'histogram') return `${name}{${labels}} ${series.count}\n`;
  let below = 0;
  const buckets = [...bounds, '+Inf'].map((bound, at) => {
    below += series.buckets[at]!;
    const exemplar = format === 'openmetrics' ? exemplarText(series.exemplars?.get(at)) : '';
    return `${name}_bucket{${labels},le="${bound}"} ${at < bounds.length ? below : series.count}${exemplar}\n`;
  });
  return `${buckets.join('')}${name}_sum{${labels}} ${series.sumUs / 1e6}\n${name}_count{${labels}} ${series.count}\n`;
}

function exemplarText(exemplar: Exemplar | undefined): string {
  const labels = exemplar && exemplarLabels(exemplar);
  return labels ? ` # {${labelText(labels)}} ${exemplar.us / 1e6} ${exemplar.at_us / 1e6}` : '';
}

/** The labels between the braces of a series. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escape(value)}"`)
    .join(',');
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}
