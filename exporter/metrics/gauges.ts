import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { METRICS, type MetricDefinition, type MetricKey } from '../../shared/metrics.ts';

/** One value of a gauge as a source reports it; labels by name, without `source`. */
export interface GaugeSample {
  metric: MetricKey;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Something whose state is asked at every scrape, so that ages are those of that moment. */
export interface GaugeSource {
  name: string;
  gauges(): GaugeSample[];
}

/**
 * Registers every gauge of the table. A scrape asks each source once for its present values; a series that a source no
 * longer reports is gone from the answer.
 */
export class Gauges {
  readonly registry = new Registry();
  private readonly gauges = new Map<MetricKey, Gauge>();

  constructor(
    private readonly sources: readonly GaugeSource[],
    version: string,
  ) {
    collectDefaultMetrics({ register: this.registry });
    for (const [key, metric] of Object.entries(METRICS) as [MetricKey, MetricDefinition][]) {
      if (metric.type !== 'gauge') continue;
      const { name, help, labels } = metric;
      this.gauges.set(key, new Gauge({ name, help, labelNames: [...labels], registers: [this.registry] }));
    }
    this.gauges.get('buildInfo')!.set({ version }, 1);
  }

  text(): Promise<string> {
    for (const [key, gauge] of this.gauges) if (key !== 'buildInfo') gauge.reset();
    for (const source of this.sources) {
      for (const { metric, labels, value } of source.gauges()) {
        this.gauges.get(metric)!.set({ source: source.name, ...labels }, value);
      }
    }
    return this.registry.metrics();
  }
}
