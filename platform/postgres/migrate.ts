import { readdirSync } from 'node:fs';
import type pg from 'pg';
import { runner } from 'node-pg-migrate';
import { UserError } from '../errors.ts';
import { PACKAGE_VERSION } from '../package.ts';
import { withClient } from './connect.ts';
import { transact } from './transaction.ts';

export interface MigrationOptions {
  databaseUrl: string;
  /** Folder of numbered `.sql` files; they only ever go forward. */
  folder: string;
  /** Schema that the tables and the list of applied migrations live in. */
  schema: string;
  onApplied?: (name: string) => void;
}

/**
 * Applies what is missing, in one transaction, and returns the names applied, in order. Any number of processes may call it
 * at once: the first takes a lock, the others wait for it and find nothing left to do. Where nothing is missing, a role
 * that may only read the list of migrations is enough. Rejects when a file fails, and with a UserError when a newer version
 * has migrated the schema; then nothing has changed.
 */
export async function migrate(options: MigrationOptions): Promise<string[]> {
  return withClient({ url: options.databaseUrl, name: 'runbeat migrations' }, async (client) => {
    if (await isUpToDate(client, options)) return [];
    const applied = await transact(client, () => applyMissing(client, options));
    for (const name of applied) options.onApplied?.(name);
    return applied;
  });
}

async function isUpToDate(client: pg.ClientBase, { folder, schema }: MigrationOptions): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    `${schema}.migration`,
  ]);
  if (!rows[0]!.there) return false;
  const { rows: applied } = await client.query<{ name: string }>(`select name from ${schema}.migration order by id`);
  const known = readdirSync(folder).flatMap((file) => (file.endsWith('.sql') ? file.slice(0, -'.sql'.length) : []));
  const newer = applied.find(({ name }) => !known.includes(name));
  if (newer) throw newerSchema(schema, newer.name);
  return known.every((name) => applied.some((migration) => migration.name === name));
}

/** Tables whose meaning a newer version has changed must not be written by an older one. */
function newerSchema(schema: string, migration: string): UserError {
  return new UserError(
    `The schema ${schema} is newer than this version of Runbeat (${PACKAGE_VERSION}), which doesn't know its migration ${migration}.`,
    'Start the version that migrated it, or a newer one. To go back, restore the backup from before the upgrade (docs/operations.md).',
  );
}

/** In a transaction of the caller's. Lock and search path end with it: behind a pooler, a session's would reach others. */
async function applyMissing(client: pg.Client, { folder, schema }: MigrationOptions): Promise<string[]> {
  await client.query('select pg_advisory_xact_lock(hashtext($1))', [`runbeat migrations of ${schema}`]);
  const { rows } = await client.query('select from pg_namespace where nspname = $1', [schema]);
  if (rows.length === 0) await client.query(`create schema ${schema}`);
  await client.query(`set local search_path = ${schema}`);
  const applied = await runner({
    dbClient: client,
    dir: folder,
    direction: 'up',
    migrationsTable: 'migration',
    migrationsSchema: schema,
    // It ends the transaction that it finds itself in, and with it the lock.
    singleTransaction: true,
    noLock: true,
    log: () => undefined,
  });
  return applied.map(({ name }) => name);
}
