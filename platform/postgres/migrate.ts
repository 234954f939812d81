import pg from 'pg';
import { runner } from 'node-pg-migrate';

export interface MigrationOptions {
  databaseUrl: string;
  /** Folder of numbered `.sql` files; they only ever go forward. */
  folder: string;
  /** Schema that the tables and the list of applied migrations live in. */
  schema: string;
  onApplied?: (name: string) => void;
}

/**
 * Applies what is missing and returns the names applied, in order. Any number of processes may call it at once: the first
 * takes a lock, the others wait for it and find nothing left to do. Rejects when a file fails; that file is rolled back.
 */
export async function migrate(options: MigrationOptions): Promise<string[]> {
  const client = new pg.Client({ connectionString: options.databaseUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock(hashtext($1))', [`runbeat migrations of ${options.schema}`]);
    const applied = await runner({
      dbClient: client,
      dir: options.folder,
      direction: 'up',
      migrationsTable: 'migration',
      schema: options.schema,
      migrationsSchema: options.schema,
      createSchema: true,
      createMigrationsSchema: true,
      // The lock above waits; the library's own gives up when another process migrates.
      noLock: true,
      log: () => undefined,
    });
    for (const { name } of applied) options.onApplied?.(name);
    return applied.map(({ name }) => name);
  } finally {
    await client.end();
  }
}
