import { readdirSync } from 'node:fs';
import type pg from 'pg';
import { runner } from 'node-pg-migrate';
import { UserError } from '../errors.ts';
import { PACKAGE_VERSION } from '../package.ts';
import { withClient } from './connect.ts';
import { transact } from './transaction.ts';

export interface MigrationOptions {
  databaseUrl: string;
  /** Folder of numbered `.sql` files, which only go forward. */
  folder: string;
  /** Schema of the tables and of the list of applied migrations. */
  schema: string;
  onApplied?: (name: string) => void;
}

/** Whatever the role's defaults are: after waiting for the lock, it sees what others have applied, and the files read as written. */
const BEGIN = 'begin isolation level read committed; set local standard_conforming_strings = on';

/**
 * Applies missing migrations in one transaction, and returns their names in order. Any number of processes may call it at once: the
 * first one takes a lock, and the others wait for it and find nothing left to do. If nothing is missing, the role only needs to read
 * the list of migrations. Rejects if a file fails, or with a UserError if a newer version has migrated the schema. In both cases,
 * nothing has changed.
 */
export async function migrate(options: MigrationOptions): Promise<string[]> {
  return withClient({ url: options.databaseUrl, name: 'runbeat migrations' }, async (client) => {
    if (await isUpToDate(client, options)) return [];
    const applied = await transact(client, () => applyMissing(client, options), { begin: BEGIN });
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

/** The error if a newer version has migrated the schema. An older version must not write tables whose meaning may have changed. */
function newerSchema(schema: string, migration: string): UserError {
  return new UserError(
    `The schema ${schema} is newer than this version of Runbeat (${PACKAGE_VERSION}), which doesn't know its migration ${migration}.`,
    'Start the version that migrated it, or a newer one. To go back, restore the backup from before the upgrade (docs/operations.md).',
  );
}

/** Runs in the caller's transaction. The lock and the search path end with it, because behind a pooler, those of a session would affect others. */
async function applyMissing(client: pg.Client, { folder, schema }: MigrationOptions): Promise<string[]> {
  await client.query('select pg_advisory_xact_lock(hashtext($1))', [`runbeat migrations of ${schema}`]);
  await refuseOtherEncoding(client);
  const { rows } = await client.query('select from pg_namespace where nspname = $1', [schema]);
  if (rows.length === 0) await client.query(`create schema ${schema}`);
  await client.query(`set local search_path = ${schema}`);
  const applied = await runner({
    dbClient: client,
    dir: folder,
    direction: 'up',
    migrationsTable: 'migration',
    migrationsSchema: schema,
    // At its end, the library commits the transaction that it was called in, which also releases the lock.
    singleTransaction: true,
    noLock: true,
    log: () => undefined,
  });
  return applied.map(({ name }) => name);
}

/** In another encoding, one name or one line of output with a foreign character would fail the statement that stores it. */
async function refuseOtherEncoding(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string; encoding: string }>(
    "select current_database() as name, current_setting('server_encoding') as encoding",
  );
  const { name, encoding } = rows[0]!;
  if (encoding === 'UTF8') return;
  throw new UserError(
    `The database "${name}" has the encoding ${encoding}, but Runbeat stores text in any language and needs UTF8.`,
    "Use another database, made with: create database runbeat encoding 'UTF8' template template0",
  );
}
