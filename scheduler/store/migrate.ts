import { fileURLToPath } from 'node:url';
import { migrate } from '../../platform/postgres/migrate.ts';

export const SCHEDULER_SCHEMA = 'runbeat';
const FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * Migrates the scheduler's tables to this version and returns the names of the applied migrations. Any number of processes may call it
 * at once.
 */
export function migrateScheduler(databaseUrl: string, onApplied?: (name: string) => void): Promise<string[]> {
  return migrate({ databaseUrl, folder: FOLDER, schema: SCHEDULER_SCHEMA, onApplied });
}
