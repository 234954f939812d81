import type pg from 'pg';

/** The tables of an Airflow's database that an observer may read. xcom, log and the permissions of 2.x are left out. */
const TABLES = [
  'alembic_version',
  'backfill',
  'dag',
  'dag_run',
  'dag_tag',
  'dag_version',
  'dynamic_region',
  'import_error',
  'job',
  'serialized_dag',
  'slot_pool',
  'task_instance',
  'task_instance_history',
  'task_reschedule',
  'trigger',
];

const ROWS_PER_INSERT = 50;

/**
 * Writes the observed tables as one SQL script: types, tables, rows, then constraints and indexes as the database itself
 * defines them. Foreign keys to tables that are left out are left out, too. The script is one snapshot, so the Airflow may
 * keep running. The first line has its time.
 */
export async function dump(client: pg.Client): Promise<string> {
  await client.query('begin isolation level repeatable read read only');
  try {
    const lines = async (sql: string): Promise<string[]> =>
      (await client.query<{ line: string }>(sql, [TABLES])).rows.map(({ line }) => line);
    const [{ at }] = (await client.query<{ at: Date }>('select now() as at')).rows as [{ at: Date }];
    const tables = await lines(COLUMNS);
    const rows = [];
    for (const table of TABLES) rows.push(...(await rowsOf(client, table)));
    return [
      `${TAKEN_AT}${at.toISOString()}`,
      ...(await lines(ENUMS)),
      ...(await lines(SEQUENCES)),
      ...tables,
      ...rows,
      ...(await lines(SEQUENCE_VALUES)),
      ...(await lines(CONSTRAINTS)),
      ...(await lines(INDEXES)),
      ...(await lines(
        "select format('analyze %I;', tablename) as line from pg_tables where schemaname = 'public' and tablename = any ($1) order by 1",
      )),
      '',
    ].join('\n');
  } finally {
    await client.query('rollback');
  }
}

/** The beginning of a dump's first line. An RFC 3339 time follows. */
export const TAKEN_AT = '-- taken at ';

const KEPT = "n.nspname = 'public' and c.relname = any ($1)";

const ENUMS = `
  select format('create type %I as enum (%s);', t.typname, string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)) as line
    from pg_type t join pg_enum e on e.enumtypid = t.oid
   where exists (select from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
                  where a.atttypid = t.oid and ${KEPT})
   group by t.typname order by 1`;

const OWNED_SEQUENCES = `
    from pg_depend d
    join pg_class s on s.oid = d.objid and s.relkind = 'S'
    join pg_class c on c.oid = d.refobjid
    join pg_namespace n on n.oid = c.relnamespace
   where d.classid = 'pg_class'::regclass and d.deptype = 'a' and ${KEPT} order by 1`;

const SEQUENCES = `select format('create sequence %I;', s.relname) as line ${OWNED_SEQUENCES}`;

const SEQUENCE_VALUES = `
  select format('select setval(%L, %s);', s.relname, coalesce(pg_sequence_last_value(s.oid), 1)) as line ${OWNED_SEQUENCES}`;

const COLUMNS = `
  select format('create table %I (%s);', c.relname, string_agg(
           concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
                     'default ' || pg_get_expr(d.adbin, d.adrelid), case when a.attnotnull then 'not null' end),
           ', ' order by a.attnum)) as line
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
   where c.relkind = 'r' and ${KEPT}
   group by c.relname order by c.relname`;

// Primary and unique keys come first, because foreign keys need them.
const CONSTRAINTS = `
  select format('alter table %I add constraint %I %s;', c.relname, k.conname, pg_get_constraintdef(k.oid)) as line
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_namespace n on n.oid = c.relnamespace
    left join pg_class f on f.oid = k.confrelid
   where ${KEPT} and k.contype in ('p', 'u', 'c', 'f') and (f.oid is null or f.relname = any ($1))
   order by array_position('{p,u,c,f}', k.contype::text), c.relname, k.conname`;

const INDEXES = `
  select pg_get_indexdef(i.indexrelid) || ';' as line
    from pg_index i
    join pg_class c on c.oid = i.indrelid
    join pg_namespace n on n.oid = c.relnamespace
   where ${KEPT} and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u'))
   order by 1`;

async function rowsOf(client: pg.Client, table: string): Promise<string[]> {
  const columns = await client.query<{ name: string }>(
    `select quote_ident(a.attname) as name from pg_attribute a where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [table],
  );
  if (columns.rows.length === 0) return [];
  const names = columns.rows.map(({ name }) => name);
  // The text output of every type is valid input for it, so an untyped literal restores each value exactly.
  const values = names.map((name) => `quote_nullable(${name}::text)`).join(", ', ', ");
  const { rows } = await client.query<{ row: string }>(
    `select concat('(', ${values}, ')') as row from ${table} order by 1`,
  );
  const inserts = [];
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    const chunk = rows.slice(start, start + ROWS_PER_INSERT).map(({ row }) => row);
    inserts.push(`insert into ${table} (${names.join(', ')}) values\n${chunk.join(',\n')};`);
  }
  return inserts;
}
