import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import type { AddressInfo } from 'node:net';
import type pg from 'pg';
import { UserError } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import { startEmbedded } from '../platform/postgres/embedded.ts';
import { createApp } from './app.ts';
import { ObserverLoop } from './collectors/loop.ts';
import { SourceObserver } from './collectors/sourceObserver.ts';
import type { ExporterConfig } from './config.ts';
import { openIndex } from './index/database.ts';
import { IndexReader } from './index/reader.ts';
import { IndexWriter } from './index/writer.ts';
import { Exposition } from './metrics/exposition.ts';
import { Gauges } from './metrics/gauges.ts';
import { describeError } from './sources/errors.ts';

export interface RunningExporter {
  url: string;
  sources: readonly SourceObserver[];
  /** Ends polls, connections and an embedded index, in this order. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts the exporter: its index, a loop for each source, and the HTTP server. Rejects with a UserError when the index
 * can't be reached or the port is in use; a source that can't be reached is no reason not to start.
 */
export async function startExporter(config: ExporterConfig, logger: Logger): Promise<RunningExporter> {
  const index = await startIndex(config, logger);
  const exposition = new Exposition(config.bounds);
  const sources = config.sources.map(
    (source) => new SourceObserver(source, config, new IndexWriter(index.pool, source.name), exposition, logger),
  );
  const close = async (): Promise<void> => {
    await Promise.all(sources.map((source) => source.close()));
    await index.close();
  };
  try {
    const version = packageVersion();
    const gauges = new Gauges(sources, version);
    const app = createApp({
      index: new IndexReader(index.pool),
      sources,
      metrics: async () => [Buffer.from(await gauges.text()), ...exposition.pieces()],
      apiToken: config.apiToken,
      version,
      readyLagSeconds: Math.max(30, 5 * config.pollSeconds),
      logger,
    });
    const server = await listen(createServer(app), config);
    const { address, port } = server.address() as AddressInfo;
    const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
    warnAboutOpenAccess(config, logger);
    const loops = sources.map((source) => new ObserverLoop(source, config.pollSeconds, logger));
    for (const loop of loops) loop.start();
    logger.info({ url, sources: sources.map((source) => source.name) }, 'exporter listens');
    const stop = async (): Promise<void> => {
      await Promise.all([...loops.map((loop) => loop.stop()), closeServer(server)]);
      await close();
    };
    let stopping: Promise<void> | null = null;
    return { url, sources, stop: () => (stopping ??= stop()) };
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
    const pool = await openReachable(config.indexUrl);
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

async function openReachable(url: string): Promise<pg.Pool> {
  try {
    return await openIndex(url);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const advice = 'Set RUNBEAT_INDEX_URL to a PostgreSQL (14 to 18) in which its role may create a schema.';
    throw new UserError(`The exporter's index can't be opened: ${describeError(error)}.`, advice, { cause: error });
  }
}

function listen(server: Server, { listen: { host, port } }: ExporterConfig): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      reject(
        new UserError(
          `Port ${port} on ${host} is in use.`,
          'Set RUNBEAT_LISTEN to another one, or stop what listens there.',
        ),
      );
    });
    server.listen(port, host, () => resolve(server));
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function warnAboutOpenAccess(config: ExporterConfig, logger: Logger): void {
  const local = ['127.0.0.1', '::1', 'localhost'].includes(config.listen.host);
  if (!local && config.apiToken === null) {
    logger.warn('the API is open to everyone who can reach this address; set RUNBEAT_API_TOKEN');
  }
}

/** package.json lies beside exporter/ in a checkout and one folder further up from the compiled build/exporter/. */
function packageVersion(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}
