import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readExporterConfig } from '../../../exporter/config.ts';
import { startExporter } from '../../../exporter/main.ts';
import { createLogger } from '../../../platform/log.ts';
import type { Page, ReadyWork, SourceStatus } from '../../../shared/api.ts';
import type { Airflow } from '../lab/airflow.ts';

export const SOURCE = 'airflow';
/** Airflow sends a heartbeat every five seconds. With a lower threshold than the default, an outage is detected sooner. */
export const HEARTBEAT_THRESHOLD_SECONDS = 12;

/** One parsed series of /metrics: `name{a="b"}`. */
interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** A real exporter that observes an Airflow through a read-only role. */
export interface Observer {
  /** Response of the API below /api/v1; rejects if its status is not 200. */
  get<Answer>(path: string): Promise<Answer>;
  samples(name: string, labels?: Record<string, string>): Promise<Sample[]>;
  /**
   * How old the oldest ready work is, what it is, and since when it is ready, in milliseconds since 1970; as of the exporter's last poll.
   * Null while the exporter does not report it, as when it could not read the source for long.
   */
  oldestReady(): Promise<{ ageSeconds: number; since: number | null; work: ReadyWork | null } | null>;
  stop(): Promise<void>;
}

export async function observe(airflow: Airflow, indexUrl: string): Promise<Observer> {
  const config = readExporterConfig({
    RUNBEAT_SOURCE_URL: await readOnlyUrl(airflow),
    RUNBEAT_SOURCE_NAME: SOURCE,
    RUNBEAT_INDEX_URL: indexUrl,
    RUNBEAT_LISTEN: '127.0.0.1:0',
    RUNBEAT_UI_URL: airflow.baseUrl,
    RUNBEAT_KEYS: 'user_id=conf.user_id,application_id=conf.application.id,run_user=run_id:^user-(\\d+)',
    RUNBEAT_POLL_INTERVAL: '0.5',
    RUNBEAT_HEARTBEAT_THRESHOLD: String(HEARTBEAT_THRESHOLD_SECONDS),
    // A scheduler that was killed early must still be listed at the end, however slow the machine is.
    RUNBEAT_SCHEDULER_FORGET: '7200',
  });
  const exporter = await startExporter(config, createLogger('exporter', 'warn'));
  const text = async (path: string): Promise<string> => {
    const response = await fetch(`${exporter.url}${path}`);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.text();
  };
  const get = async <Answer>(path: string): Promise<Answer> => JSON.parse(await text(`/api/v1${path}`)) as Answer;
  return {
    get,
    samples: async (name, labels = {}) =>
      parseMetrics(await text('/metrics')).filter(
        (sample) =>
          sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
      ),
    oldestReady: async () => {
      const { items } = await get<Page<SourceStatus>>('/sources');
      const { oldest_ready_task_age_seconds: age, oldest_ready: work } = items[0]!;
      return age === null ? null : { ageSeconds: age, since: work && Date.parse(work.since), work };
    },
    stop: () => exporter.stop(),
  };
}

/** Creates the documented role with the documented statements. */
async function readOnlyUrl(airflow: Airflow): Promise<string> {
  const documented = (file: string): string =>
    readFileSync(path.resolve(import.meta.dirname, '../../../docs/sql', file), 'utf8');
  await airflow.asAdmin(documented('airflow-role.sql'));
  await airflow.query(documented('airflow-grants.sql'));
  await airflow.asAdmin("alter role runbeat_reader password 'change-me'");
  const url = new URL(airflow.databaseUrl);
  url.username = 'runbeat_reader';
  url.password = 'change-me';
  return url.href;
}

function parseMetrics(text: string): Sample[] {
  return [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels = '', value]) => ({
    name: name!,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label, text]),
    ),
    value: Number(value),
  }));
}

/** Repeats the check until it passes; rejects with its last error if it does not pass in time. */
export async function eventually(check: () => Promise<void>, timeoutMs = 90_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
