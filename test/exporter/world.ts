import type pg from 'pg';
import type { ApiContext } from '../../exporter/api/context.ts';
import type { ObserverOptions } from '../../exporter/collectors/observerOptions.ts';
import { SourceObserver } from '../../exporter/collectors/sourceObserver.ts';
import { readExporterConfig, type SourceConfig } from '../../exporter/config.ts';
import { openIndex } from '../../exporter/index/database.ts';
import { JourneyReader } from '../../exporter/index/journeyReader.ts';
import { IndexReader } from '../../exporter/index/reader.ts';
import { IndexWriter } from '../../exporter/index/writer.ts';
import { Exposition } from '../../exporter/metrics/exposition.ts';
import type { MetricsFormat } from '../../exporter/metrics/format.ts';
import { Gauges } from '../../exporter/metrics/gauges.ts';
import { scrape } from '../../exporter/metrics/scrape.ts';
import { LINE_METRICS } from '../../exporter/promises/lines.ts';
import { parsePromises } from '../../exporter/promises/parse.ts';
import { Unmatched } from '../../exporter/promises/unmatched.ts';
import { PromiseReader } from '../../exporter/index/promiseReader.ts';
import type { PromiseConfiguration } from '../../shared/api.ts';
import { createLogger } from '../../platform/log.ts';

export const silent = createLogger('test', 'silent');

/** An exporter's parts without its loop and server, so that a test decides when it polls. */
export interface TestExporter {
  observer: SourceObserver;
  index: IndexReader;
  indexPool: pg.Pool;
  /** The data that the endpoints of the API use. */
  context: ApiContext;
  /** The body of /metrics. */
  metrics(format?: MetricsFormat): Promise<string>;
  /** Value of one series by its exact name and labels; null if it does not exist. */
  value(series: string): Promise<number | null>;
  /** Polls, and reads the whole history. */
  settle(): Promise<void>;
  /** May be called again. */
  close(): Promise<void>;
}

export interface TestSettings {
  sourceUrl: string;
  indexUrl: string;
  keys?: string;
  source?: Partial<SourceConfig>;
  options?: Partial<ObserverOptions>;
  /** `promises` of runbeat.yaml. */
  promises?: unknown;
  /** For how long it leads without renewing the lease. */
  leaseSeconds?: number;
}

export async function createExporter({
  sourceUrl,
  indexUrl,
  keys,
  source,
  options,
  promises: given,
  leaseSeconds,
}: TestSettings): Promise<TestExporter> {
  const config = readExporterConfig({
    RUNBEAT_SOURCE_URL: sourceUrl,
    RUNBEAT_KEYS: keys ?? '',
    RUNBEAT_SOURCE_NAME: 'db',
  });
  const { rules: promises, problems } = parsePromises(given, {
    sources: [source?.name ?? 'db'],
    keys: (source?.keys ?? config.sources[0]!.keys).map(({ key }) => key),
    pollUs: 2e6,
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const indexPool = await openIndex(indexUrl);
  const exposition = new Exposition(config.bounds);
  const sourceConfig = { ...config.sources[0]!, ...source };
  const writer = new IndexWriter(indexPool, sourceConfig.name, leaseSeconds);
  const observer = new SourceObserver(
    sourceConfig,
    { ...config, rules: () => promises, settingsSeconds: 0, ...options },
    writer,
    exposition,
    silent,
  );
  const gauges = new Gauges([observer], 'test', () => true, new Set(LINE_METRICS));
  const metrics = async (format: MetricsFormat = 'text'): Promise<string> =>
    Buffer.concat(await scrape({ gauges, exposition, lines: () => [observer.lines()] }, format)).toString();
  const index = new IndexReader(indexPool);
  const status = { file: 'runbeat.yaml', loaded_at: new Date(0).toISOString(), problems: [] };
  const unmatched = new Unmatched();
  const configuration = (): PromiseConfiguration => ({
    ...status,
    warnings: unmatched.warnings(promises, [observer]),
  });
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await observer.close();
    await indexPool.end();
  };
  return {
    observer,
    index,
    context: {
      index,
      journeys: new JourneyReader(indexPool),
      sources: [observer],
      verdicts: new PromiseReader(indexPool),
      configuration,
    },
    indexPool,
    metrics,
    value: async (series) => {
      const line = (await metrics()).split('\n').find((text) => text.startsWith(`${series} `));
      return line === undefined ? null : Number(line.slice(series.length + 1));
    },
    settle: async () => {
      while ((await observer.poll()) || observer.takeoverInMs !== null);
      while (!observer.historyDone) await observer.pollHistory();
      if (observer.status().problem) throw new Error(observer.status().problem!);
    },
    close: () => (closed ??= close()),
  };
}

/** Makes the exporter count everything in a database, as if it had been reading it from the beginning. */
export async function watchedFromTheBeginning(indexUrl: string, name = 'db'): Promise<void> {
  const pool = await openIndex(indexUrl);
  await pool.query('insert into source (name, first_seen_us, history_top, history_cursor) values ($1, 0, 1, 1)', [
    name,
  ]);
  await pool.end();
}
