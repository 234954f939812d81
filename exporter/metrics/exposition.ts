import { METRICS, type MetricDefinition, type MetricKey } from '../../shared/metrics.ts';
import { ownLabels, type Bounds, type Series } from './series.ts';

/**
 * The bytes of counters and histograms, ready before they are asked for (Prometheus text format 0.0.4). A scrape sends
 * what lies here; only series that a poll has changed and stored are written anew.
 */
export class Exposition {
  private readonly texts = new Map<MetricKey, Map<string, Map<string, Buffer>>>();
  private readonly joined = new Map<MetricKey, Buffer>();

  constructor(private readonly bounds: Bounds) {}

  publish(source: string, changed: Iterable<Series>): void {
    const metrics = new Set<MetricKey>();
    for (const series of changed) {
      const bySource = getOrMake(this.texts, series.metric, () => new Map<string, Map<string, Buffer>>());
      const texts = getOrMake(bySource, source, () => new Map<string, Buffer>());
      texts.set(series.labels.join('\u0000'), bytesOf(this.textOf(source, series)));
      metrics.add(series.metric);
    }
    for (const metric of metrics) this.joined.set(metric, this.join(metric));
  }

  /** Whether a source has had to fold label sets. */
  hasFolded(source: string): boolean {
    return (this.texts.get('seriesFolded')?.get(source)?.size ?? 0) > 0;
  }

  /** One piece for each metric, in the order of the table. */
  pieces(): Buffer[] {
    return (Object.keys(METRICS) as MetricKey[]).flatMap((metric) => this.joined.get(metric) ?? []);
  }

  private join(metric: MetricKey): Buffer {
    const texts = [...this.texts.get(metric)!.values()].flatMap((bySource) => [...bySource.values()]);
    return Buffer.concat([Buffer.from(head(METRICS[metric])), ...texts]);
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

/** In memory of its own: Buffer.from cuts small ones from a slab, which stays as long as any of its pieces does. */
function bytesOf(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
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
