import { METRICS, type MetricKey } from '../../shared/metrics.ts';
import type { MetricsFormat } from './format.ts';
import { headOf, seriesText } from './lines.ts';
import type { Bounds, Series } from './series.ts';

interface Entry {
  series: Series;
  /** Rendered on first use. Both formats share the bytes of a series without exemplars. */
  bytes: Partial<Record<MetricsFormat, Buffer>>;
}

/**
 * The rendered text of counters and histograms, cached between scrapes. Only series that a poll has changed and stored are rendered
 * again.
 */
export class Exposition {
  private readonly entries = new Map<MetricKey, Map<string, Map<string, Entry>>>();
  private readonly joined = new Map<MetricsFormat, Map<MetricKey, Buffer>>();

  constructor(private readonly bounds: Bounds) {}

  publish(source: string, changed: Iterable<Series>): void {
    const metrics = new Set<MetricKey>();
    for (const series of changed) {
      const bySource = getOrMake(this.entries, series.metric, () => new Map<string, Map<string, Entry>>());
      const entries = getOrMake(bySource, source, () => new Map<string, Entry>());
      entries.set(series.labels.join('\u0000'), { series, bytes: {} });
      metrics.add(series.metric);
    }
    for (const metric of metrics) this.rejoin(metric);
  }

  /** Makes only these series of a source visible. */
  replace(source: string, all: Iterable<Series>): void {
    for (const [metric, bySource] of this.entries) if (bySource.delete(source)) this.rejoin(metric);
    this.publish(source, all);
  }

  /** Whether label sets of a source were folded. */
  hasFolded(source: string): boolean {
    return (this.entries.get('seriesFolded')?.get(source)?.size ?? 0) > 0;
  }

  /** One piece for each metric, in the order of the metric table. A metric without series has only its HELP and TYPE lines. */
  pieces(format: MetricsFormat): Buffer[] {
    const joined = getOrMake(this.joined, format, () => new Map<MetricKey, Buffer>());
    return (Object.keys(METRICS) as MetricKey[])
      .filter((metric) => METRICS[metric].type !== 'gauge')
      .map((metric) => getOrMake(joined, metric, () => this.join(metric, format)));
  }

  private rejoin(metric: MetricKey): void {
    for (const [format, joined] of this.joined) joined.set(metric, this.join(metric, format));
  }

  private join(metric: MetricKey, format: MetricsFormat): Buffer {
    const bytes = [...(this.entries.get(metric) ?? [])].flatMap(([source, entries]) =>
      [...entries.values()].map((entry) => this.bytesOf(source, entry, format)),
    );
    return Buffer.concat([Buffer.from(headOf(METRICS[metric], format)), ...bytes]);
  }

  private bytesOf(source: string, { series, bytes }: Entry, format: MetricsFormat): Buffer {
    const kept = series.exemplars ? format : 'text';
    return (bytes[kept] ??= ownBytes(seriesText(source, series, this.bounds[series.metric] ?? [], kept)));
  }
}

/** Allocates separate memory: Buffer.from takes small buffers from a slab, which is kept as long as any of its buffers is in use. */
function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
