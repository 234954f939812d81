import { fileURLToPath } from 'node:url';
import { runMigrations } from 'graphile-worker';
import pg from 'pg';
import { migrate } from '../../platform/postgres/migrate.ts';
import { quietQueueLogger } from './queue.ts';

export const SCHEDULER_SCHEMA = 'runbeat';
const FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * Brings the scheduler's tables and the queue's to this version and answers the names of the migrations applied. Any
 * number of processes may call it at once.
 */
export async function migrateScheduler(databaseUrl: string, onApplied?: (name: string) => void): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // The queue's own migrations retry on conflict a few times; twenty processes at once would be too many.
    await client.query("select pg_advisory_lock(hashtext('runbeat migrations of graphile_worker'))");
    await runMigrations({ connectionString: databaseUrl, logger: quietQueueLogger });
  } finally {
    await client.end();
  }
  return migrate({ databaseUrl, folder: FOLDER, schema: SCHEDULER_SCHEMA, onApplied });
}
