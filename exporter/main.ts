import path from 'node:path';
import type pg from 'pg';
import { UserError } from '../platform/errors.ts';
import { listen } from '../platform/http/listen.ts';
import type { Logger } from '../platform/log.ts';
import { PACKAGE_VERSION } from '../platform/package.ts';
import { untilAvailable } from '../platform/postgres/faults.ts';
import { startEmbedded } from '../platform/postgres/embedded.ts';
import { createApp } from './app.ts';
import { ObserverLoop } from './collectors/loop.ts';
import { SourceObserver } from './collectors/sourceObserver.ts';
import type { ExporterConfig } from './config.ts';
import { openIndex, openIndexForApi } from './index/database.ts';
import { JourneyReader } from './index/journeyReader.ts';
import { IndexReader } from './index/reader.ts';
import { IndexWriter } from './index/writer.ts';
import { Exposition } from './metrics/exposition.ts';
import { Gauges } from './metrics/gauges.ts';
import { scrape } from './metrics/scrape.ts';
import { PromiseReader } from './index/promiseReader.ts';
import { PromiseConfig } from './promises/configuration.ts';
import { LINE_METRICS } from './promises/lines.ts';
import { Unmatched } from './promises/unmatched.ts';
import { describeError } from './sources/errors.ts';

/** Duration of the lease in polls: a leader renews it with every poll; if it dies, another exporter takes over within two polls. */
const LEASE_POLLS = 1.5;

export interface RunningExporter {
  url: string;
  sources: readonly SourceObserver[];
  /** Reloads the promises. */
  reload(): void;
  /** Stops polling, closes connections, and stops an embedded index, in this order. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts the exporter: its index, a loop for each source, and the HTTP server. Waits while the index is unavailable. Rejects with a
 * UserError if the index can't be opened for another reason, or the port is in use. An unreachable source does not prevent the start.
 */
export async function startExporter(
  config: ExporterConfig,
  logger: Logger,
  reread: () => ExporterConfig = () => config,
): Promise<RunningExporter> {
  const promises = new PromiseConfig(config, reread, logger);
  const index = await startIndex(config, logger);
  const forApi = openIndexForApi(index.pool);
  const exposition = new Exposition(config.bounds);
  const options = { ...config, rules: () => promises.rules };
  const unmatched = new Unmatched();
  const sources = config.sources.map(
    (source) =>
      new SourceObserver(
        source,
        options,
        new IndexWriter(index.pool, source.name, LEASE_POLLS * config.pollSeconds),
        exposition,
        logger,
      ),
  );
  const close = async (): Promise<void> => {
    await Promise.all(sources.map((source) => source.close()));
    await forApi.end();
    await index.close();
  };
  try {
    const gauges = new Gauges(sources, PACKAGE_VERSION, () => promises.isSound, new Set(LINE_METRICS));
    const app = createApp({
      index: new IndexReader(forApi),
      journeys: new JourneyReader(forApi),
      sources,
      verdicts: new PromiseReader(forApi),
      configuration: () => ({
        ...promises.status,
        warnings: [...promises.status.warnings, ...unmatched.warnings(promises.rules, sources)],
      }),
      metrics: (format) => scrape({ gauges, exposition, lines: () => sources.map((source) => source.lines()) }, format),
      tokens: config.tokens,
      allowedHosts: config.allowedHosts,
      listenHost: config.listen.host,
      version: PACKAGE_VERSION,
      readyLagSeconds: Math.max(30, 5 * config.pollSeconds),
      logger,
    });
    const server = await listen(app, config.listen, 'RUNBEAT_LISTEN');
    const loops = sources.map((source) => new ObserverLoop(source, config.pollSeconds, logger));
    for (const loop of loops) loop.start();
    const unwatch = promises.watch();
    logger.info({ url: server.url, sources: sources.map((source) => source.name) }, 'exporter listens');
    const stop = async (): Promise<void> => {
      unwatch();
      await Promise.all([...loops.map((loop) => loop.stop()), server.close()]);
      await close();
    };
    let stopping: Promise<void> | null = null;
    return { url: server.url, sources, reload: () => promises.reload(), stop: () => (stopping ??= stop()) };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startIndex(
  config: ExporterConfig,
  logger: Logger,
): Promise<{ pool: pg.Pool; close: () => Promise<void> }> {
  if (config.indexUrl !== null) {
    const pool = await openReachable(config.indexUrl, logger);
    return { pool, close: () => pool.end() };
  }
  const dataDir = path.join(config.dataDir, 'index');
  logger.info({ dataDir }, 'starting an embedded PostgreSQL for the index');
  const postgres = await startEmbedded({ dataDir });
  try {
    const pool = await openIndex(postgres.url);
    const close = async (): Promise<void> => {
      await pool.end();
      await postgres.stop();
    };
    return { pool, close };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

/** Opens the index, waiting while it is unavailable. Any other error is a UserError. */
async function openReachable(url: string, logger: Logger): Promise<pg.Pool> {
  try {
    return await untilAvailable(() => openIndex(url), logger);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const advice = 'Set RUNBEAT_INDEX_URL to a PostgreSQL (14 to 18) in which its role may create a schema.';
    throw new UserError(`The exporter's index can't be opened: ${describeError(error)}.`, advice, { cause: error });
  }
}
