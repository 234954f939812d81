import { METRICS, type MetricDefinition, type MetricKey } from '../../shared/metrics.ts';
import { ownLabels, type Bounds, type Series } from './series.ts';

/**
 * The text of counters and histograms, ready before it is asked for (Prometheus text format 0.0.4). A scrape joins what
 * lies here; only series that a poll has changed and stored are written anew.
 */
export class Exposition {
  private readonly texts = new Map<MetricKey, Map<string, Map<string, string>>>();
  private readonly joined = new Map<MetricKey, string>();

  constructor(private readonly bounds: Bounds) {}

  publish(source: string, changed: Iterable<Series>): void {
    for (const series of changed) {
      const bySource = getOrMake(this.texts, series.metric, () => new Map<string, Map<string, string>>());
      const texts = getOrMake(bySource, source, () => new Map<string, string>());
      texts.set(series.labels.join('\u0000'), this.textOf(source, series));
      this.joined.delete(series.metric);
    }
  }

  /** Whether a source has had to fold label sets. */
  hasFolded(source: string): boolean {
    return (this.texts.get('seriesFolded')?.get(source)?.size ?? 0) > 0;
  }

  text(): string {
    return (Object.keys(METRICS) as MetricKey[]).map((metric) => this.metricText(metric)).join('');
  }

  private metricText(metric: MetricKey): string {
    const bySource = this.texts.get(metric);
    if (!bySource) return '';
    let text = this.joined.get(metric);
    if (text === undefined) {
      const lines = [...bySource.values()].flatMap((texts) => [...texts.values()]);
      text = head(METRICS[metric]) + lines.join('');
      this.joined.set(metric, text);
    }
    return text;
  }

  private textOf(source: string, series: Series): string {
    const { name, type } = METRICS[series.metric];
    const names = ownLabels(series.metric);
    const labels = [
      `source="${escape(source)}"`,
      ...series.labels.map((value, at) => `${names[at]}="${escape(value)}"`),
    ].join(',');
    if (type !== 'histogram') return `${name}{${labels}} ${series.count}\n`;
    let below = 0;
    const buckets = this.bounds[series.metric]!.map((bound, at) => {
      below += series.buckets[at]!;
      return `${name}_bucket{${labels},le="${bound}"} ${below}\n`;
    });
    return `${buckets.join('')}${name}_bucket{${labels},le="+Inf"} ${series.count}\n${name}_sum{${labels}} ${
      series.sumUs / 1e6
    }\n${name}_count{${labels}} ${series.count}\n`;
  }
}

function head(metric: MetricDefinition): string {
  return `# HELP ${metric.name} ${metric.help.replaceAll('\\', '\\\\')}\n# TYPE ${metric.name} ${metric.type}\n`;
}

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
