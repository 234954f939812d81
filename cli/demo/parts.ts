import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { arrive, createArrivals } from '../../dags/arrivals.ts';
import { freePort, startEmbedded } from '../../platform/postgres/embedded.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { demoSettings, type DemoSettings } from '../config.ts';
import type { Breakable } from './breakages.ts';
import { DagsFolder } from './dagsFolder.ts';
import type { Arrivals } from './flows.ts';
import type { Progress } from './progress.ts';
import { PromisesFile } from './promisesFile.ts';
import { Services } from './services.ts';
import type { Stops } from './stops.ts';

const DATA_FOLDER = '.runbeat/postgres';
const DAGS_FOLDER = '.runbeat/dags';
export const PROMISES_FILE = '.runbeat/promises.yaml';
const DEMO_DAGS = fileURLToPath(new URL('../../dags', import.meta.url));
/** A runbeat.yaml without sources, which come from the environment. */
const DEMO_PROMISES = fileURLToPath(new URL('./promises.yaml', import.meta.url));
export const EXPORTER_PORT = 9550;

/** The running demo. */
export interface Parts extends Arrivals {
  services: Services;
  /** The parts that `runbeat demo break` acts on. */
  breakable: Breakable;
  /** Names of the possible breakages; by default all. */
  breakages?: readonly string[];
  /** What is running in addition to exporter, preview and Prometheus: name, address, explanation. */
  others: readonly (readonly [string, string, string])[];
  exporterUrl: string;
  /** Token of the exporter's API, if RUNBEAT_API_TOKEN is set. */
  apiToken: string | undefined;
}

/** Starts database, schedulers, worker and exporter. `stops` gets everything that has been started, even if a step fails. */
export async function startParts(progress: Progress, headless: boolean, stops: Stops): Promise<Parts> {
  const settings = demoSettings();
  const { url: databaseUrl, port: postgresPort } = await startDatabase(settings, progress, stops);
  await migrateScheduler(databaseUrl);
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2, application_name: 'runbeat demo' });
  // Ignore errors of idle connections. The next query reports them.
  pool.on('error', () => undefined);
  await stops.add(() => pool.end());
  await createArrivals(pool);
  const exporterPort = headless ? await freePort() : await preferredPort(EXPORTER_PORT, progress);
  const dags = settings.dagsFolder ? DagsFolder.own(settings.dagsFolder) : DagsFolder.linked(DAGS_FOLDER, DEMO_DAGS);
  const promises = settings.configFile
    ? PromisesFile.own(settings.configFile)
    : PromisesFile.written(PROMISES_FILE, readFileSync(DEMO_PROMISES, 'utf8'));
  const services = await startServices({ settings, databaseUrl, exporterPort, dags, promises, progress }, stops);
  const exporterUrl = `http://127.0.0.1:${exporterPort}`;
  return {
    arrive: (count) => arrive(pool, count),
    patienceMs: 5_000,
    services,
    breakable: { services, dags, promises },
    others: [
      ...(postgresPort === null
        ? []
        : [['PostgreSQL', `127.0.0.1:${postgresPort}`, `data in ${DATA_FOLDER}`] as const]),
      ['DAGs', dags.folder, ''],
    ],
    exporterUrl,
    apiToken: settings.apiToken,
  };
}

async function startDatabase(
  { databaseUrl }: DemoSettings,
  progress: Progress,
  stops: Stops,
): Promise<{ url: string; port: number | null }> {
  if (databaseUrl) {
    progress.say('using the database of RUNBEAT_DATABASE_URL');
    return { url: databaseUrl, port: null };
  }
  const postgres = await startEmbedded({ dataDir: DATA_FOLDER });
  await stops.add(() => postgres.stop());
  progress.say(`PostgreSQL is ready on port ${postgres.port} (data in ${DATA_FOLDER})`);
  return { url: postgres.url, port: postgres.port };
}

interface ServicesPlan {
  settings: DemoSettings;
  databaseUrl: string;
  exporterPort: number;
  dags: DagsFolder;
  promises: PromisesFile;
  progress: Progress;
}

async function startServices(plan: ServicesPlan, stops: Stops): Promise<Services> {
  const { settings, databaseUrl, exporterPort, dags, promises, progress } = plan;
  const services = new Services(
    {
      RUNBEAT_DATABASE_URL: databaseUrl,
      RUNBEAT_DAGS: dags.folder,
      RUNBEAT_CONFIG: promises.file,
      RUNBEAT_LISTEN: `127.0.0.1:${exporterPort}`,
      RUNBEAT_KEYS: settings.keys ?? 'user_id=conf.user_id,application_id=conf.application.id',
      // Well below the time after which the demo kills its services. The next demo runs the tasks that are handed back.
      RUNBEAT_SHUTDOWN_GRACE: '2',
    },
    (text) => progress.say(text),
  );
  await stops.add(() => services.stop());
  services.start('exporter', ['exporter']).catch(() => undefined);
  await Promise.all([
    services.start('scheduler', ['scheduler']),
    services.start('fast scheduler', ['scheduler', '--lane', 'fast']),
  ]);
  // Start the worker after the DAGs are known, so that it has loaded their code before the first user arrives.
  await services.start('worker', ['worker']);
  return services;
}

/** The usual port or, with a message, a free one: the demo should not fail because another program uses the port. */
export async function preferredPort(port: number, progress: Progress): Promise<number> {
  if (await isFree(port)) return port;
  const other = await freePort();
  progress.say(`port ${port} is in use; taking ${other}`);
  return other;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
