import type pg from 'pg';
import { listen, type HttpServer } from '../../platform/http/listen.ts';
import type { Logger } from '../../platform/log.ts';
import { untilAvailable } from '../../platform/postgres/faults.ts';
import type { ListenAddress } from '../../platform/settings.ts';
import type { SchedulerConfig } from '../config.ts';
import { createPool } from '../store/database.ts';
import { endJob, registerJob } from '../store/jobs.ts';
import { Archiver } from './archiver.ts';
import { createControlApi } from './controlApi.ts';
import { DagFolder } from './dagFolder.ts';
import type { PassReport } from './pass.ts';
import { SchedulerLoop } from './schedulerLoop.ts';
import type { Service } from './workerService.ts';

/** Connections for DAG files and the control API. The loop has a separate connection. */
const POOL_SIZE = 5;

export interface SchedulerOptions {
  lane: string;
  /** From 0 to 19, as for `nice`: lowers the priority in favour of other lanes, including its load on the database. */
  nice?: number;
  /** Aborts the start. */
  signal?: AbortSignal;
  /** Called after each scheduling pass. */
  onPass?: (report: PassReport) => void;
}

export async function startSchedulerService(
  config: SchedulerConfig,
  options: SchedulerOptions,
  logger: Logger,
): Promise<Service> {
  const pool = createPool(config.databaseUrl, `runbeat scheduler ${options.lane}`, POOL_SIZE);
  const folder = new DagFolder(config.dagsFolder, pool, logger);
  let loop: SchedulerLoop | null = null;
  let jobId: number;
  let api: HttpServer | null = null;
  try {
    if (config.controlListen) api = await serveControlApi(config, config.controlListen, pool, logger);
    const { lane, signal } = options;
    jobId = await untilAvailable(() => registerJob(pool, 'SchedulerJob', lane, []), logger, signal);
    await untilAvailable(() => folder.open(() => loop?.look()), logger, signal);
  } catch (error) {
    await api?.close();
    await folder.close();
    await pool.end();
    throw error;
  }
  loop = new SchedulerLoop(config, options, jobId, logger);
  const ended = loop.run();
  const archiver = new Archiver(config.databaseUrl, config.archiveAfterDays, config.logRetentionDays, logger);
  archiver.start();
  logger.info({ job: jobId, lane: options.lane, dags: config.dagsFolder }, 'scheduler started');
  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    await api?.close();
    await folder.close();
    loop.stop();
    await ended;
    await archiver.stop();
    await endJob(pool, jobId).catch(() => undefined);
    await pool.end();
    logger.info('scheduler ended');
  };
  return { stop: () => (stopped ??= stop()) };
}

async function serveControlApi(
  config: SchedulerConfig,
  address: ListenAddress,
  pool: pg.Pool,
  logger: Logger,
): Promise<HttpServer> {
  const { access, allowedHosts } = config;
  const app = createControlApi({ pool, access, listenHost: address.host, allowedHosts, logger });
  const server = await listen(app, address, 'RUNBEAT_CONTROL_LISTEN');
  logger.info({ url: server.url }, 'control API listens');
  return server;
}
