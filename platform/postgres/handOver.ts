import pg from 'pg';
import { withClient } from './connect.ts';
import type { Passwords } from './passwords.ts';

export const SERVICE_ROLE = 'runbeat';

/** Transfers every object in a database from the superuser to the role of the services. */
const HAND_OVER = `do $$
declare
  item record;
begin
  for item in select format('alter schema %I owner to ${SERVICE_ROLE}', nspname) as statement from pg_namespace
    where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'public')
    union all
    select format('alter %s %s owner to ${SERVICE_ROLE}',
        case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end,
        c.oid::regclass)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'S') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
        -- A sequence of a column changes its owner with the table.
        and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i') and c.relkind = 'S')
    union all
    select format('alter routine %s owner to ${SERVICE_ROLE}', p.oid::regprocedure)
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
        and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    union all
    select format('alter type %s owner to ${SERVICE_ROLE}', t.oid::regtype)
      from pg_type t join pg_namespace n on n.oid = t.typnamespace left join pg_class c on c.oid = t.typrelid
      where n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
        and (t.typtype in ('e', 'd') or (t.typtype = 'c' and c.relkind = 'c'))
  loop
    execute item.statement;
  end loop;
end
$$`;

/**
 * Creates the role of the services, which is not a superuser, and a database that it owns. Objects that an earlier version created there
 * as the superuser are transferred to it.
 */
export async function ensureServiceDatabase(
  adminUrlOf: (database: string) => string,
  database: string,
  passwords: Passwords,
): Promise<void> {
  const isForeign = await withClient({ url: adminUrlOf('postgres'), name: 'runbeat' }, async (client) => {
    const role = await client.query('select from pg_roles where rolname = $1', [SERVICE_ROLE]);
    if (role.rows.length === 0) await client.query(`create role ${SERVICE_ROLE} login`);
    await client.query(`alter role ${SERVICE_ROLE} nosuperuser password '${passwords.runbeat}'`);
    const { rows } = await client.query<{ owner: string }>(
      'select pg_get_userbyid(datdba) as owner from pg_database where datname = $1',
      [database],
    );
    const name = pg.escapeIdentifier(database);
    if (rows.length === 0) await client.query(`create database ${name} owner ${SERVICE_ROLE}`);
    return rows.length > 0 && rows[0]!.owner !== SERVICE_ROLE;
  });
  if (!isForeign) return;
  await withClient({ url: adminUrlOf(database), name: 'runbeat' }, async (client) => {
    await client.query(HAND_OVER);
    await client.query(`alter database ${pg.escapeIdentifier(database)} owner to ${SERVICE_ROLE}`);
  });
}
