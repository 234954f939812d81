import type pg from 'pg';
import { SourceObserver, type ObserverOptions } from '../../exporter/collectors/sourceObserver.ts';
import { readExporterConfig, type SourceConfig } from '../../exporter/config.ts';
import { openIndex } from '../../exporter/index/database.ts';
import { IndexReader } from '../../exporter/index/reader.ts';
import { IndexWriter } from '../../exporter/index/writer.ts';
import { Exposition } from '../../exporter/metrics/exposition.ts';
import { Gauges } from '../../exporter/metrics/gauges.ts';
import { createLogger } from '../../platform/log.ts';

export const silent = createLogger('test', 'silent');

/** An exporter's parts without its loop and server, so that a test decides when it polls. */
export interface TestExporter {
  observer: SourceObserver;
  index: IndexReader;
  indexPool: pg.Pool;
  /** The text of /metrics. */
  metrics(): Promise<string>;
  /** Value of one series by its exact name and labels; null when it is not there. */
  value(series: string): Promise<number | null>;
  /** Polls, and reads all of the history. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface TestSettings {
  sourceUrl: string;
  indexUrl: string;
  keys?: string;
  source?: Partial<SourceConfig>;
  options?: Partial<ObserverOptions>;
}

export async function createExporter({
  sourceUrl,
  indexUrl,
  keys,
  source,
  options,
}: TestSettings): Promise<TestExporter> {
  const config = readExporterConfig({
    RUNBEAT_SOURCE_URL: sourceUrl,
    RUNBEAT_KEYS: keys ?? '',
    RUNBEAT_SOURCE_NAME: 'db',
  });
  const indexPool = await openIndex(indexUrl);
  const exposition = new Exposition(config.bounds);
  const sourceConfig = { ...config.sources[0]!, ...source };
  const writer = new IndexWriter(indexPool, sourceConfig.name);
  const observer = new SourceObserver(
    sourceConfig,
    { ...config, settingsSeconds: 0, ...options },
    writer,
    exposition,
    silent,
  );
  const gauges = new Gauges([observer], 'test');
  const metrics = async (): Promise<string> => (await gauges.text()) + Buffer.concat(exposition.pieces()).toString();
  return {
    observer,
    index: new IndexReader(indexPool),
    indexPool,
    metrics,
    value: async (series) => {
      const line = (await metrics()).split('\n').find((text) => text.startsWith(`${series} `));
      return line === undefined ? null : Number(line.slice(series.length + 1));
    },
    settle: async () => {
      while (await observer.poll());
      while (!observer.historyDone) await observer.pollHistory();
      if (observer.status().problem) throw new Error(observer.status().problem!);
    },
    close: async () => {
      await observer.close();
      await indexPool.end();
    },
  };
}

/** Makes the exporter take everything in a database for news, as if it had watched it from the beginning. */
export async function watchedFromTheBeginning(indexUrl: string, name = 'db'): Promise<void> {
  const pool = await openIndex(indexUrl);
  await pool.query('insert into source (name, first_seen_us, history_top, history_cursor) values ($1, 0, 1, 1)', [
    name,
  ]);
  await pool.end();
}
