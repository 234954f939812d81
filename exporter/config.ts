import { z } from 'zod';
import { METRICS, TRANSITION_LINE, type MetricDefinition, type MetricKey } from '../shared/metrics.ts';
import type { Tokens } from '../platform/http/access.ts';
import { HTTP_SETTINGS, readTokensOf, refuseOpenAccess } from '../platform/http/settings.ts';
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
  withPasswordFile,
  withPasswordFiles,
  type ListenAddress,
} from '../platform/settings.ts';
import { connections, count, FILE, httpUrl, readConfigFile, SOURCE_NAME, type ConfigFile } from './configFile.ts';
import { parseKeyRule, parseKeyRules, type KeyRule, type KeyRules } from './sources/keys.ts';
import type { Bounds } from './metrics/series.ts';
import { parsePromises } from './promises/parse.ts';
import type { PromiseRule } from './promises/rules.ts';

export interface SourceConfig {
  name: string;
  url: string;
  /** Base URL of the observed Airflow's UI, without a trailing slash; null if there is none. */
  uiUrl: string | null;
  heartbeatThresholdSeconds: number;
  keys: KeyRules;
  /** Number of task instances that the executor runs at once; null if it is not set. */
  parallelism: number | null;
  /** Airflow's [scheduler] use_job_schedule: whether its schedulers create scheduled runs. */
  useJobSchedule: boolean;
  connections: number;
}

export interface ExporterConfig {
  listen: ListenAddress;
  /** Tokens of the API; null if it needs none, which is possible on loopback only. */
  tokens: Tokens | null;
  /** Host names that are accepted on loopback in addition to its own. */
  allowedHosts: readonly string[];
  /** Null for an embedded PostgreSQL in dataDir. */
  indexUrl: string | null;
  dataDir: string;
  sources: readonly SourceConfig[];
  /** Path of runbeat.yaml, whether it exists or not. */
  file: string;
  promises: readonly PromiseRule[];
  /** False if the file is not there, is empty, or has no promises, not even an empty list. */
  namesPromises: boolean;
  pollSeconds: number;
  statementTimeoutSeconds: number;
  schedulerForgetSeconds: number;
  seriesLimit: number;
  /** Days for which runs and outages are kept in the index. */
  retentionDays: number;
  /** Seconds between two reads of DAGs and pools, which rarely change. */
  settingsSeconds: number;
  bounds: Bounds;
  logLevel: string;
}

const SETTINGS_SECONDS = 10;
const keyList = z.string().transform((text, context) => {
  const { rules, problems } = parseKeyRules(text);
  for (const message of problems) context.addIssue({ code: 'custom', message });
  return rules;
});
const buckets = z.string().transform((text, context) => {
  const bounds = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (!areBounds(bounds)) {
    context.addIssue({ code: 'custom', message: 'must be ascending numbers of seconds such as 0.1,0.5,1,3' });
    return z.NEVER;
  }
  return bounds;
});

const ENVIRONMENT = z.object({
  RUNBEAT_DATABASE_URL: databaseUrl.optional(),
  RUNBEAT_SOURCE_URL: databaseUrl.optional(),
  RUNBEAT_SOURCE_NAME: z.string().optional(),
  RUNBEAT_INDEX_URL: databaseUrl.optional(),
  RUNBEAT_DATABASE_PASSWORD_FILE: existingFile.optional(),
  RUNBEAT_SOURCE_PASSWORD_FILE: existingFile.optional(),
  RUNBEAT_INDEX_PASSWORD_FILE: existingFile.optional(),
  RUNBEAT_DATA_DIR: z.string().default('.runbeat'),
  RUNBEAT_LISTEN: listenAddress.default({ host: '127.0.0.1', port: 9550 }),
  ...HTTP_SETTINGS,
  RUNBEAT_KEYS: keyList.default([]),
  RUNBEAT_UI_URL: httpUrl.optional(),
  RUNBEAT_HEARTBEAT_THRESHOLD: someSeconds.default(30),
  RUNBEAT_SCHEDULER_FORGET: someSeconds.default(600),
  RUNBEAT_PARALLELISM: count.optional(),
  RUNBEAT_USE_JOB_SCHEDULE: z
    .stringbool({ truthy: ['true'], falsy: ['false'], error: 'must be true or false' })
    .default(true),
  RUNBEAT_SOURCE_CONNECTIONS: connections.default(1),
  RUNBEAT_POLL_INTERVAL: someSeconds.default(2),
  RUNBEAT_STATEMENT_TIMEOUT: someSeconds.default(10),
  RUNBEAT_SERIES_LIMIT: count.default(1000),
  RUNBEAT_INDEX_RETENTION: wholeNumber(1, MOST_DAYS).default(400),
  RUNBEAT_TRANSITION_BUCKETS: buckets.optional(),
  RUNBEAT_RUN_BUCKETS: buckets.optional(),
  RUNBEAT_TASK_BUCKETS: buckets.optional(),
  RUNBEAT_CONFIG: z.string().optional(),
  RUNBEAT_LOG_LEVEL: logLevel.default('info'),
});
type Environment = z.output<typeof ENVIRONMENT>;

/** Names of the exporter's settings in the environment. */
export const EXPORTER_SETTINGS: readonly string[] = Object.keys(ENVIRONMENT.shape);

/**
 * Reads all settings of the exporter: from the environment, and from runbeat.yaml (or RUNBEAT_CONFIG) if it exists. Throws a
 * SettingsError with all problems at once.
 */
export function readExporterConfig(env: NodeJS.ProcessEnv): Readonly<ExporterConfig> {
  const problems: string[] = [];
  const settings = collect(problems, () => withPasswordFiles(parseSettings(ENVIRONMENT, env)));
  const file = collect(problems, () => readConfigFile(env.RUNBEAT_CONFIG || null));
  if (!settings || file === undefined) throw new SettingsError(problems);
  const path = env.RUNBEAT_CONFIG || FILE;
  const sources = file?.sources
    ? fileSources(file.sources, settings, (problem) => problems.push(`${path}: ${problem}`))
    : environmentSource(settings, problems);
  const promises = parsePromises(file?.promises, {
    sources: sources.map(({ name }) => name),
    keys: [...new Set(sources.flatMap((source) => source.keys.map(({ key }) => key)))],
    pollUs: settings.RUNBEAT_POLL_INTERVAL * 1e6,
  });
  problems.push(...promises.problems.map((problem) => `${path}: ${problem}`));
  const bounds = boundsOf(settings);
  const tokens = readTokensOf(settings);
  collect(problems, () => refuseOpenAccess(settings.RUNBEAT_LISTEN, 'RUNBEAT_LISTEN', tokens));
  if (problems.length > 0) throw new SettingsError(problems);
  return Object.freeze({
    listen: settings.RUNBEAT_LISTEN,
    tokens,
    allowedHosts: settings.RUNBEAT_ALLOWED_HOSTS,
    indexUrl: settings.RUNBEAT_INDEX_URL ?? settings.RUNBEAT_DATABASE_URL ?? null,
    dataDir: settings.RUNBEAT_DATA_DIR,
    sources,
    file: path,
    promises: promises.rules,
    namesPromises: (file?.promises ?? null) !== null,
    pollSeconds: settings.RUNBEAT_POLL_INTERVAL,
    statementTimeoutSeconds: settings.RUNBEAT_STATEMENT_TIMEOUT,
    schedulerForgetSeconds: settings.RUNBEAT_SCHEDULER_FORGET,
    seriesLimit: settings.RUNBEAT_SERIES_LIMIT,
    retentionDays: settings.RUNBEAT_INDEX_RETENTION,
    settingsSeconds: SETTINGS_SECONDS,
    bounds,
    logLevel: settings.RUNBEAT_LOG_LEVEL,
  });
}

function collect<Value>(problems: string[], read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}

function environmentSource(settings: Environment, problems: string[]): SourceConfig[] {
  const url = settings.RUNBEAT_SOURCE_URL ?? settings.RUNBEAT_DATABASE_URL;
  const isOwn = url === settings.RUNBEAT_DATABASE_URL;
  const name = SOURCE_NAME.safeParse(settings.RUNBEAT_SOURCE_NAME ?? (isOwn ? 'runbeat' : 'airflow'));
  if (!name.success) problems.push(`RUNBEAT_SOURCE_NAME: ${name.error.issues[0]!.message}`);
  if (!url) {
    problems.push(
      `RUNBEAT_SOURCE_URL: is missing; set it to the database to observe, or name several under sources in ${FILE}`,
    );
  }
  return url && name.success ? [{ ...common(settings), name: name.data, url }] : [];
}

function common(settings: Environment): Omit<SourceConfig, 'name' | 'url'> {
  return {
    uiUrl: settings.RUNBEAT_UI_URL?.replace(/\/+$/, '') ?? null,
    heartbeatThresholdSeconds: settings.RUNBEAT_HEARTBEAT_THRESHOLD,
    keys: settings.RUNBEAT_KEYS,
    parallelism: settings.RUNBEAT_PARALLELISM ?? null,
    useJobSchedule: settings.RUNBEAT_USE_JOB_SCHEDULE,
    connections: settings.RUNBEAT_SOURCE_CONNECTIONS,
  };
}

function fileSources(
  sources: NonNullable<ConfigFile['sources']>,
  settings: Environment,
  report: (problem: string) => void,
): SourceConfig[] {
  const defaults = common(settings);
  return sources.map((source, at) => {
    if (sources.findIndex((other) => other.name === source.name) !== at) {
      report(`sources.${at}.name: "${source.name}" is given twice`);
    }
    return {
      name: source.name,
      url: withPasswordFile(source.url, source.password_file),
      uiUrl: source.ui_url?.replace(/\/+$/, '') ?? defaults.uiUrl,
      heartbeatThresholdSeconds: source.heartbeat_threshold ?? defaults.heartbeatThresholdSeconds,
      keys: source.keys ? fileKeys(source.keys, at, report) : defaults.keys,
      parallelism: source.parallelism ?? defaults.parallelism,
      useJobSchedule: source.use_job_schedule ?? defaults.useJobSchedule,
      connections: source.connections ?? defaults.connections,
    };
  });
}

function fileKeys(keys: Record<string, string>, at: number, report: (problem: string) => void): KeyRules {
  return Object.entries(keys).flatMap(([key, text]): KeyRule[] => {
    const rule = parseKeyRule(key, text);
    if (typeof rule !== 'string') return [rule];
    report(`sources.${at}.keys: ${rule}`);
    return [];
  });
}

/** Bounds of every histogram: the configured ones if there are any, with the bound that alerts need, otherwise those of the metric table. */
function boundsOf(settings: Environment): Bounds {
  const transition = withLine(settings.RUNBEAT_TRANSITION_BUCKETS, TRANSITION_LINE);
  const set: Partial<Record<MetricKey, readonly number[] | undefined>> = {
    taskTransition: transition,
    taskTransitionStage: transition,
    taskQueue: transition,
    runQueue: transition,
    runDuration: settings.RUNBEAT_RUN_BUCKETS,
    taskDuration: settings.RUNBEAT_TASK_BUCKETS,
  };
  const metrics = Object.entries(METRICS) as [MetricKey, MetricDefinition][];
  return Object.fromEntries(
    metrics.flatMap(([key, metric]) => (metric.buckets ? [[key, set[key] ?? metric.buckets]] : [])),
  );
}

function withLine(bounds: readonly number[] | undefined, line: number): readonly number[] | undefined {
  return bounds && [...new Set([...bounds, line])].sort((a, b) => a - b);
}

function areBounds(bounds: readonly number[]): boolean {
  return bounds.every((bound, at) => bound > 0 && Number.isFinite(bound) && (at === 0 || bound > bounds[at - 1]!));
}
