import type { Logger } from '../../platform/log.ts';
import type { Exposition } from '../metrics/exposition.ts';
import type { Series } from '../metrics/series.ts';

/** Makes the counters and histograms of one source visible to scrapes. */
export class Publisher {
  private foldingLogged = false;

  constructor(
    private readonly source: string,
    private readonly exposition: Exposition,
    private readonly seriesLimit: number,
    private readonly logger: Logger,
  ) {}

  /** Makes only these series visible. */
  replace(all: Iterable<Series>): void {
    this.exposition.replace(this.source, all);
    this.logFolding();
  }

  publish(changed: Iterable<Series>): void {
    this.exposition.publish(this.source, changed);
    this.logFolding();
  }

  private logFolding(): void {
    if (this.foldingLogged || !this.exposition.hasFolded(this.source)) return;
    this.foldingLogged = true;
    this.logger.warn(
      { source: this.source, limit: this.seriesLimit },
      'a metric has reached its limit of label sets; further ones are counted under "_other" (runbeat_series_folded_total, RUNBEAT_SERIES_LIMIT)',
    );
  }
}
