import path from 'node:path';
import { z } from 'zod';
import {
  databaseUrl,
  listenAddress,
  parseSettings,
  positiveSeconds,
  SettingsError,
  type ListenAddress,
} from '../platform/settings.ts';

const wholeNumber = (least: number): z.ZodType<number, unknown> =>
  z.coerce
    .number({ message: 'must be a whole number' })
    .int({ message: 'must be a whole number' })
    .min(least, { message: `must be ${least} or more` });

const schema = z.object({
  RUNBEAT_DATABASE_URL: databaseUrl,
  RUNBEAT_DAGS: z.string().default('dags'),
  RUNBEAT_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  RUNBEAT_HEARTBEAT_INTERVAL: positiveSeconds.default(5),
  RUNBEAT_HEARTBEAT_THRESHOLD: positiveSeconds.default(30),
  RUNBEAT_SHUTDOWN_GRACE: positiveSeconds.default(20),
  RUNBEAT_WORKER_CONCURRENCY: wholeNumber(1).default(16),
  RUNBEAT_ARCHIVE_AFTER_DAYS: wholeNumber(0).default(7),
  RUNBEAT_LOG_RETENTION_DAYS: wholeNumber(0).default(30),
  RUNBEAT_TASK_LOG_LIMIT: wholeNumber(1024).default(1024 * 1024),
  RUNBEAT_CONTROL_LISTEN: listenAddress.optional(),
  RUNBEAT_API_TOKEN: z.string().optional(),
});

/** Settings of the bundled scheduler and its workers, validated; seconds and bytes are plain numbers. */
export interface SchedulerConfig {
  databaseUrl: string;
  /** Folder that is watched for DAG files, absolute. */
  dagsFolder: string;
  logLevel: string;
  heartbeatIntervalSeconds: number;
  /** Age at which a heartbeat means that its process is lost. */
  heartbeatThresholdSeconds: number;
  /** How long a worker that is told to end lets its tasks finish before it hands them back. */
  shutdownGraceSeconds: number;
  workerConcurrency: number;
  /** Age in days at which a finished run is archived; 0 turns the built-in schedule off. */
  archiveAfterDays: number;
  /** Days after its end for which an archived run keeps its tasks' output; 0 = for ever. */
  logRetentionDays: number;
  /** Bytes of output kept of one attempt. */
  taskLogLimit: number;
  /** Where the control API listens; null = it does not. */
  controlListen: ListenAddress | null;
  apiToken: string | null;
}

/** The DAGs folder as given, for commands that need no database. */
export function defaultDagsFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.RUNBEAT_DAGS || 'dags';
}

/** Reads the environment. Throws SettingsError with everything that is missing or malformed at once. */
export function loadSchedulerConfig(env: NodeJS.ProcessEnv = process.env): Readonly<SchedulerConfig> {
  const settings = parseSettings(schema, env);
  if (settings.RUNBEAT_CONTROL_LISTEN && !settings.RUNBEAT_API_TOKEN) {
    throw new SettingsError([
      'RUNBEAT_API_TOKEN: is needed with RUNBEAT_CONTROL_LISTEN: the control API changes things',
    ]);
  }
  return Object.freeze({
    databaseUrl: settings.RUNBEAT_DATABASE_URL,
    dagsFolder: path.resolve(settings.RUNBEAT_DAGS),
    logLevel: settings.RUNBEAT_LOG_LEVEL,
    heartbeatIntervalSeconds: settings.RUNBEAT_HEARTBEAT_INTERVAL,
    heartbeatThresholdSeconds: settings.RUNBEAT_HEARTBEAT_THRESHOLD,
    shutdownGraceSeconds: settings.RUNBEAT_SHUTDOWN_GRACE,
    workerConcurrency: settings.RUNBEAT_WORKER_CONCURRENCY,
    archiveAfterDays: settings.RUNBEAT_ARCHIVE_AFTER_DAYS,
    logRetentionDays: settings.RUNBEAT_LOG_RETENTION_DAYS,
    taskLogLimit: settings.RUNBEAT_TASK_LOG_LIMIT,
    controlListen: settings.RUNBEAT_CONTROL_LISTEN ?? null,
    apiToken: settings.RUNBEAT_API_TOKEN ?? null,
  });
}
