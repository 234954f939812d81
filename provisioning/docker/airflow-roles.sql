-- Roles in the Airflow of the profile `airflow`; the one-shot container `airflow-roles` runs this as superuser at each start.
--
--   airflow         owns Airflow's tables
--   runbeat_reader  the exporter reads Airflow's tables with it, as in docs/sql/airflow-role.sql

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['airflow', 'runbeat_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I', name);
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', name);
  END LOOP;
  EXECUTE format('ALTER DATABASE %I OWNER TO airflow', current_database());
END
$$;
ALTER ROLE runbeat_reader CONNECTION LIMIT 10;
ALTER ROLE runbeat_reader SET default_transaction_read_only = on;
ALTER SCHEMA public OWNER TO airflow;
