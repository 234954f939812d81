import { promisePieces, type Lines } from '../promises/lines.ts';
import type { Exposition } from './exposition.ts';
import type { MetricsFormat } from './format.ts';
import type { Gauges } from './gauges.ts';

/** The sources of a scrape's data. */
export interface Scraped {
  gauges: Gauges;
  exposition: Exposition;
  /** Lines of each source. */
  lines: () => readonly Lines[];
}

/** The body of /metrics in pieces, from memory. */
export async function scrape({ gauges, exposition, lines }: Scraped, format: MetricsFormat): Promise<Buffer[]> {
  const ofNow = Buffer.from(await gauges.text(format));
  const others = [...exposition.pieces(format), ...promisePieces(lines())];
  // In OpenMetrics, the gauges include the end marker, so they come last.
  return format === 'openmetrics' ? [...others, ofNow] : [ofNow, ...others];
}
