-- Roles of the services, none of them a superuser. The one-shot container `roles` runs this as superuser at each start, in
-- the scheduler's database, and then sets their passwords; without Docker run it by hand and use \password in psql.
--
--   runbeat_owner      owns the scheduler's tables: migrations
--   runbeat_scheduler  schedules
--   runbeat_worker     runs tasks
--   runbeat_reader     the exporter reads the scheduler's tables with it; may only read
--   runbeat_exporter   owns the exporter's own index

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['runbeat_owner', 'runbeat_scheduler', 'runbeat_worker', 'runbeat_reader', 'runbeat_exporter'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I', name);
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', name);
  END LOOP;
END
$$;
ALTER ROLE runbeat_reader CONNECTION LIMIT 10;
-- The exporter must not be able to write, even through a mistake elsewhere.
ALTER ROLE runbeat_reader SET default_transaction_read_only = on;

CREATE SCHEMA IF NOT EXISTS runbeat;
CREATE SCHEMA IF NOT EXISTS runbeat_index;

-- Gives schemas and tables of a release that had one role for everything to their present owners.
DO $$
DECLARE
  item record;
BEGIN
  FOR item IN
    SELECT n.nspname, CASE n.nspname WHEN 'runbeat' THEN 'runbeat_owner' ELSE 'runbeat_exporter' END AS role
      FROM pg_namespace n WHERE n.nspname IN ('runbeat', 'runbeat_index')
  LOOP
    EXECUTE format('ALTER SCHEMA %I OWNER TO %I', item.nspname, item.role);
  END LOOP;
  -- Sequences of identity columns change their owner with the table.
  FOR item IN
    SELECT c.oid::regclass AS name, CASE n.nspname WHEN 'runbeat' THEN 'runbeat_owner' ELSE 'runbeat_exporter' END AS role
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('runbeat', 'runbeat_index') AND c.relkind IN ('r', 'p')
  LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO %I', item.name, item.role);
  END LOOP;
END
$$;
