import type pg from 'pg';

/** See insertRows. */
export type Insert = (table: string, values: Record<string, string>, from?: string) => Promise<void>;

/** Fills tables in one transaction, without checking foreign keys. */
export async function fillTables(pool: pg.Pool, fill: (insert: Insert) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin; set local session_replication_role = replica');
    await fill((table, values, from = '') => insertRows(client, table, values, from));
    await client.query('commit');
  } finally {
    client.release(true);
  }
}

/** A value for a column that must have one. */
const ANY: Readonly<Record<string, string>> = {
  uuid: 'gen_random_uuid()',
  integer: '0',
  bigint: '0',
  boolean: 'false',
  json: "'{}'",
  jsonb: "'{}'",
  'double precision': '0',
  'timestamp with time zone': 'now()',
};

/** Inserts one row, or one for each row of `from`. Leaves out columns that this version lacks, and adds those that it requires. */
async function insertRows(
  client: pg.PoolClient,
  table: string,
  values: Record<string, string>,
  from: string,
): Promise<void> {
  const { rows } = await client.query<{ name: string; type: string; required: boolean }>(
    `select column_name as name, data_type as type, is_nullable = 'NO' and column_default is null and is_identity = 'NO' as required
     from information_schema.columns where table_schema = 'public' and table_name = $1`,
    [table],
  );
  if (rows.length === 0) return;
  const used = rows.filter(({ name, required }) => required || name in values);
  if (used.length === 0) return void (await client.query(`insert into ${table} default values`));
  const names = used.map(({ name }) => name).join(', ');
  const selected = used.map(({ name, type }) => values[name] ?? ANY[type] ?? "''").join(', ');
  await client.query(`insert into ${table} (${names}) select ${selected} ${from && `from ${from}`}`);
}
