import path from 'node:path';
import { z } from 'zod';
import type { Access } from '../platform/http/access.ts';
import { HTTP_SETTINGS, readTokensOf, writeTokensOf } from '../platform/http/settings.ts';
import {
  databaseUrl,
  existingFile,
  listenAddress,
  logLevel,
  MOST_DAYS,
  parseSettings,
  SettingsError,
  someSeconds,
  wholeNumber,
  withPasswordFiles,
  type ListenAddress,
} from '../platform/settings.ts';

/** Highest allowed value of RUNBEAT_TASK_LOG_LIMIT, in bytes. */
const LARGEST_LOG = 64 * 1024 * 1024;

const schema = z.object({
  RUNBEAT_DATABASE_URL: databaseUrl,
  RUNBEAT_DATABASE_PASSWORD_FILE: existingFile.optional(),
  RUNBEAT_DAGS: z.string().default('dags'),
  RUNBEAT_LOG_LEVEL: logLevel.default('info'),
  RUNBEAT_HEARTBEAT_INTERVAL: someSeconds.default(5),
  RUNBEAT_HEARTBEAT_THRESHOLD: someSeconds.default(30),
  RUNBEAT_SHUTDOWN_GRACE: someSeconds.default(20),
  RUNBEAT_WORKER_CONCURRENCY: wholeNumber(1, 1_000).default(16),
  RUNBEAT_ARCHIVE_AFTER_DAYS: wholeNumber(0, MOST_DAYS).default(7),
  RUNBEAT_LOG_RETENTION_DAYS: wholeNumber(0, MOST_DAYS).default(30),
  RUNBEAT_TASK_LOG_LIMIT: wholeNumber(1024, LARGEST_LOG).default(1024 * 1024),
  RUNBEAT_CONTROL_LISTEN: listenAddress.optional(),
  ...HTTP_SETTINGS,
});

/** Names of the settings of the scheduler and its workers. */
export const SCHEDULER_SETTINGS: readonly string[] = Object.keys(schema.shape);

/** Settings of the bundled scheduler and its workers, validated; seconds and bytes are plain numbers. */
export interface SchedulerConfig {
  databaseUrl: string;
  /** Absolute path of the folder that is watched for DAG files. */
  dagsFolder: string;
  logLevel: string;
  heartbeatIntervalSeconds: number;
  /** Age of a heartbeat at which its process is declared dead. */
  heartbeatThresholdSeconds: number;
  /** Time that running tasks get to finish after SIGTERM before the worker hands them back. */
  shutdownGraceSeconds: number;
  workerConcurrency: number;
  /** Age in days at which finished runs are archived; 0 means never. */
  archiveAfterDays: number;
  /** Days after its end for which an archived run keeps its tasks' output; 0 means forever. */
  logRetentionDays: number;
  /** Bytes of output that are kept of one try. */
  taskLogLimit: number;
  /** Address of the control API; null if it is off. */
  controlListen: ListenAddress | null;
  /** Tokens of the control API. */
  access: Access;
  /** Host names that the control API accepts on loopback in addition to its own. */
  allowedHosts: readonly string[];
  /** Values that no task may see. */
  secrets: readonly string[];
}

/**
 * The part of the service's environment that tasks may see. It excludes the service's own settings, and any variable that
 * contains one of its tokens or database URLs.
 */
export function taskEnvironment(config: SchedulerConfig, env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const isOwn = (name: string, value: string): boolean =>
    name.startsWith('RUNBEAT_') || config.secrets.some((secret) => value.includes(secret));
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !isOwn(entry[0], entry[1]),
    ),
  );
}

/** The configured DAGs folder, for commands that need no database. */
export function defaultDagsFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.RUNBEAT_DAGS || 'dags';
}

/** Reads the environment. Throws SettingsError with everything that is missing or malformed at once. */
export function loadSchedulerConfig(env: NodeJS.ProcessEnv = process.env): Readonly<SchedulerConfig> {
  const settings = withPasswordFiles(parseSettings(schema, env));
  const read = readTokensOf(settings);
  // If there is only one token, it allows both.
  const write = writeTokensOf(settings) ?? read;
  if (settings.RUNBEAT_CONTROL_LISTEN && write === null) {
    throw new SettingsError([
      'RUNBEAT_CONTROL_TOKEN: is needed with RUNBEAT_CONTROL_LISTEN, because the control API allows changes',
    ]);
  }
  if (settings.RUNBEAT_HEARTBEAT_THRESHOLD < 2 * settings.RUNBEAT_HEARTBEAT_INTERVAL) {
    throw new SettingsError([
      `RUNBEAT_HEARTBEAT_THRESHOLD: must be at least twice RUNBEAT_HEARTBEAT_INTERVAL (${settings.RUNBEAT_HEARTBEAT_INTERVAL} seconds), ` +
        'otherwise live processes are declared dead',
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
    access: { read: read ?? write, write },
    allowedHosts: settings.RUNBEAT_ALLOWED_HOSTS,
    secrets: [settings.RUNBEAT_DATABASE_URL, settings.RUNBEAT_API_TOKEN, settings.RUNBEAT_CONTROL_TOKEN].filter(
      (secret) => secret !== undefined,
    ),
  });
}
