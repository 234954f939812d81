import type { Collector, Session } from '../../../exporter/collectors/collector.ts';
import type { GaugeSample } from '../../../exporter/metrics/gauges.ts';

/** DAG files that can't be imported. */
export class ImportErrorsCollector implements Collector {
  readonly name = 'import_errors';
  readonly everySeconds = 30;
  readonly isEssential = false;
  readonly needs = [];
  private count = 0;

  async collect({ reader }: Session): Promise<void> {
    this.count = (await reader.health.importErrors())?.total ?? 0;
  }

  gauges(): GaugeSample[] {
    return [{ metric: 'importErrors', labels: {}, value: this.count }];
  }
}
