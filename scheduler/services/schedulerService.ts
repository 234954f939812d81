import type { Server } from 'node:http';
import type { Logger } from '../../platform/log.ts';
import type { SchedulerConfig } from '../config.ts';
import { createPool } from '../store/database.ts';
import { endJob, registerJob } from '../store/jobs.ts';
import { Archiver } from './archiver.ts';
import { createControlApi, listen } from './controlApi.ts';
import { DagFolder } from './dagFolder.ts';
import type { PassReport } from './pass.ts';
import { SchedulerLoop } from './schedulerLoop.ts';
import type { Service } from './workerService.ts';

export interface SchedulerOptions {
  lane: string;
  /** From 0 to 19, as of `nice`: how far it steps back for other lanes, in the database, too. */
  nice?: number;
  /** Called after each scheduling pass. */
  onPass?: (report: PassReport) => void;
}

export async function startSchedulerService(
  config: SchedulerConfig,
  options: SchedulerOptions,
  logger: Logger,
): Promise<Service> {
  const pool = createPool(config.databaseUrl, `runbeat scheduler ${options.lane}`, 2);
  const folder = new DagFolder(config.dagsFolder, pool, logger);
  let loop: SchedulerLoop | null = null;
  let jobId: number;
  let api: Server | null = null;
  try {
    if (config.controlListen)
      api = await listen(createControlApi(pool, config.apiToken!), config.controlListen, logger);
    jobId = await registerJob(pool, 'SchedulerJob', options.lane, []);
    await folder.open(() => loop?.look());
  } catch (error) {
    api?.close();
    await folder.close();
    await pool.end();
    throw error;
  }
  loop = new SchedulerLoop(config, options, jobId, logger);
  const ended = loop.run();
  const archiver = new Archiver(pool, config.archiveAfterDays, config.logRetentionDays, logger);
  archiver.start();
  logger.info({ job: jobId, lane: options.lane, dags: config.dagsFolder }, 'scheduler started');
  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    api?.close();
    api?.closeAllConnections();
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
