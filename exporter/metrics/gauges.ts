import { collectDefaultMetrics, Gauge, Registry, type RegistryContentType } from 'prom-client';
import { METRICS, type MetricDefinition, type MetricKey } from '../../shared/metrics.ts';
import type { MetricsFormat } from './format.ts';

/** One value of a gauge of a source; labels by name, without `source`. */
export interface GaugeSample {
  metric: MetricKey;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Provides gauges at every scrape, so that ages are up to date. */
export interface GaugeSource {
  name: string;
  gauges(): GaugeSample[];
}

/**
 * Registers every gauge of the metric table. A scrape reads the present values of each source once. A series that a source no
 * longer reports disappears.
 */
export class Gauges {
  /** prom-client renames counters in OpenMetrics, so the metrics of the process are registered separately for each format. */
  private readonly registries: Readonly<Record<MetricsFormat, Registry<RegistryContentType>>> = {
    text: new Registry<RegistryContentType>(),
    openmetrics: new Registry<RegistryContentType>(),
  };
  private readonly gauges = new Map<MetricKey, Gauge>();

  constructor(
    private readonly sources: readonly GaugeSource[],
    version: string,
    private readonly isConfigSound: () => boolean,
    /** Metrics that other code renders. */
    exposedElsewhere: ReadonlySet<MetricKey>,
  ) {
    this.registries.openmetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const registers = Object.values(this.registries);
    for (const register of registers) collectDefaultMetrics({ register });
    for (const [key, metric] of Object.entries(METRICS) as [MetricKey, MetricDefinition][]) {
      if (metric.type !== 'gauge' || exposedElsewhere.has(key)) continue;
      const { name, help, labels } = metric;
      this.gauges.set(key, new Gauge({ name, help, labelNames: [...labels], registers }));
    }
    this.gauges.get('buildInfo')!.set({ version }, 1);
  }

  /** The text of a scrape; in OpenMetrics it includes the end marker. */
  text(format: MetricsFormat): Promise<string> {
    for (const [key, gauge] of this.gauges) if (key !== 'buildInfo') gauge.reset();
    this.gauges.get('configReloadSuccess')!.set(this.isConfigSound() ? 1 : 0);
    for (const source of this.sources) {
      for (const { metric, labels, value } of source.gauges()) {
        this.gauges.get(metric)!.set({ source: source.name, ...labels }, value);
      }
    }
    return this.registries[format].metrics();
  }
}
