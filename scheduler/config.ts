import path from 'node:path';
import { z } from 'zod';
import type { Access } from '../platform/http/access.ts';
import { HTTP_SETTINGS, readTokensOf, writeTokensOf } from '../platform/http/settings.ts';
import {
  databaseUrl,
  existingFile,
  listenAddress,
  MOST_DAYS,
  parseSettings,
  SettingsError,
  someSeconds,
  wholeNumber,
  withPasswordFiles,
  type ListenAddress,
} from '../platform/settings.ts';

/** Bytes of output kept of one attempt: each is written to the database in a few pieces. */
const LARGEST_LOG = 64 * 1024 * 1024;

const schema = z.object({
  RUNBEAT_DATABASE_URL: databaseUrl,
  RUNBEAT_DATABASE_PASSWORD_FILE: existingFile.optional(),
  RUNBEAT_DAGS: z.string().default('dags'),
  RUNBEAT_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
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

/** Settings of the bundled scheduler and its workers, validated; seconds and bytes are plain numbers. */
export interface SchedulerConfig {
  databaseUrl: string;
  /** Folder that is watched for DAG files, absolute. */
  dagsFolder: string;
  logLevel: string;
  heartbeatIntervalSeconds: number;
  /** Age of a heartbeat from which its process counts as dead. */
  heartbeatThresholdSeconds: number;
  /** Time that a worker gives its running tasks to finish after SIGTERM, before it hands them back. */
  shutdownGraceSeconds: number;
  workerConcurrency: number;
  /** Age in days at which a finished run is archived; 0 turns the built-in schedule off. */
  archiveAfterDays: number;
  /** Days after its end for which an archived run keeps its tasks' output; 0 = forever. */
  logRetentionDays: number;
  /** Bytes of output kept of one attempt. */
  taskLogLimit: number;
  /** Where the control API listens; null = it does not. */
  controlListen: ListenAddress | null;
  /** Tokens of the control API. */
  access: Access;
  /** Host names that it serves on loopback beside its own. */
  allowedHosts: readonly string[];
  /** Values that no task may see. */
  secrets: readonly string[];
}

/**
 * What tasks may see of a service's environment: its own settings, with tokens and database URLs, stay with it, under
 * whatever name they are given.
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

/** The DAGs folder as given, for commands that need no database. */
export function defaultDagsFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.RUNBEAT_DAGS || 'dags';
}

/** Reads the environment. Throws SettingsError with everything that is missing or malformed at once. */
export function loadSchedulerConfig(env: NodeJS.ProcessEnv = process.env): Readonly<SchedulerConfig> {
  const settings = withPasswordFiles(parseSettings(schema, env));
  const read = readTokensOf(settings);
  // A site with one token uses it for both.
  const write = writeTokensOf(settings) ?? read;
  if (settings.RUNBEAT_CONTROL_LISTEN && write === null) {
    throw new SettingsError([
      'RUNBEAT_CONTROL_TOKEN: is needed with RUNBEAT_CONTROL_LISTEN: the control API changes things',
    ]);
  }
  if (settings.RUNBEAT_HEARTBEAT_THRESHOLD < 2 * settings.RUNBEAT_HEARTBEAT_INTERVAL) {
    throw new SettingsError([
      `RUNBEAT_HEARTBEAT_THRESHOLD: must be at least twice RUNBEAT_HEARTBEAT_INTERVAL (${settings.RUNBEAT_HEARTBEAT_INTERVAL} seconds), ` +
        'else processes that are alive are declared dead',
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
