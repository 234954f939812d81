import { promisePieces, type Lines } from '../promises/lines.ts';
import type { Exposition } from './exposition.ts';
import type { MetricsFormat } from './format.ts';
import type { Gauges } from './gauges.ts';

/** What a scrape is answered from. */
export interface Scraped {
  gauges: Gauges;
  exposition: Exposition;
  /** Of each source. */
  lines: () => readonly Lines[];
}

/** The body of /metrics in pieces, from memory. */
export async function scrape({ gauges, exposition, lines }: Scraped, format: MetricsFormat): Promise<Buffer[]> {
  const ofNow = Buffer.from(await gauges.text(format));
  const others = [...exposition.pieces(format), ...promisePieces(lines())];
  // The gauges bring the mark with which an answer in OpenMetrics ends.
  return format === 'openmetrics' ? [...others, ofNow] : [ofNow, ...others];
}
