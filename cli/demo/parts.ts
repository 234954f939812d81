import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createArrivals } from '../../dags/arrivals.ts';
import { freePort, startEmbedded } from '../../platform/postgres/embedded.ts';
import { migrateScheduler } from '../../scheduler/store/migrate.ts';
import { Children } from './children.ts';
import type { Progress } from './progress.ts';

const DATA_FOLDER = '.runbeat/postgres';
const DEMO_DAGS = fileURLToPath(new URL('../../dags', import.meta.url));
const EXPORTER_PORT = 9550;

type Stop = () => Promise<void>;

/** The running demo. */
export interface Parts {
  pool: pg.Pool;
  children: Children;
  exporterUrl: string;
  /** What the exporter's API asks for, when RUNBEAT_API_TOKEN is set. */
  apiToken: string | undefined;
  /** Adds something to end before what is there already. */
  onStop(stop: Stop): void;
  /** Ends all, newest first. */
  stop: Stop;
}

/** Starts database, schedulers, worker and exporter; nothing is left running when a step fails. */
export async function startParts(progress: Progress, headless: boolean): Promise<Parts> {
  const stops: Stop[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const databaseUrl = await startDatabase(progress, stops);
    await migrateScheduler(databaseUrl);
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 2, application_name: 'runbeat demo' });
    // Between two queries a lost connection has nobody to tell; the next query does.
    pool.on('error', () => undefined);
    stops.push(() => pool.end());
    await createArrivals(pool);
    const exporterPort = headless ? await freePort() : await preferredPort(EXPORTER_PORT, progress);
    const exporterUrl = `http://127.0.0.1:${exporterPort}`;
    const children = startServices(databaseUrl, exporterPort);
    stops.push(() => children.stop());
    const apiToken = process.env.RUNBEAT_API_TOKEN || undefined;
    return { pool, children, exporterUrl, apiToken, onStop: (end) => void stops.push(end), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startDatabase(progress: Progress, stops: Stop[]): Promise<string> {
  const configured = process.env.RUNBEAT_DATABASE_URL;
  if (configured) {
    progress.say('using the database of RUNBEAT_DATABASE_URL');
    return configured;
  }
  const postgres = await startEmbedded({ dataDir: DATA_FOLDER });
  stops.push(() => postgres.stop());
  progress.say(`PostgreSQL is ready on port ${postgres.port} (data in ${DATA_FOLDER})`);
  return postgres.url;
}

function startServices(databaseUrl: string, exporterPort: number): Children {
  const children = new Children({
    RUNBEAT_DATABASE_URL: databaseUrl,
    RUNBEAT_DAGS: process.env.RUNBEAT_DAGS || DEMO_DAGS,
    RUNBEAT_LISTEN: `127.0.0.1:${exporterPort}`,
    RUNBEAT_KEYS: process.env.RUNBEAT_KEYS || 'user_id=conf.user_id,application_id=conf.application.id',
  });
  children.start('scheduler', ['scheduler']);
  children.start('fast scheduler', ['scheduler', '--lane', 'fast']);
  children.start('worker', ['worker']);
  children.start('exporter', ['exporter']);
  return children;
}

/** The usual port, or a free one with a word about it: a demo should not fail because something else is running. */
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
