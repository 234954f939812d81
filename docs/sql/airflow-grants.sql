-- Grants read access to the tables of Airflow that Runbeat reads. Run this in Airflow's database as the role that owns its
-- tables (the one in sql_alchemy_conn), or as a superuser. Run it again after an upgrade of Airflow, which may add tables.
-- Tables that this version of Airflow lacks are skipped. None of the tables contains credentials.
DO $$
DECLARE
  readable text;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO runbeat_reader', current_schema());
  FOREACH readable IN ARRAY ARRAY[
    'alembic_version', 'backfill', 'backfill_dag_run', 'dag', 'dag_bundle_team', 'dag_run', 'dag_tag', 'dag_version', 'dagrun_asset_event',
    'dagrun_dataset_event', 'dynamic_region', 'import_error', 'job',
    'serialized_dag', 'slot_pool', 'task_instance', 'task_instance_history', 'task_reschedule'
  ] LOOP
    IF to_regclass(readable) IS NOT NULL THEN
      EXECUTE format('GRANT SELECT ON %I TO runbeat_reader', readable);
    END IF;
  END LOOP;
  -- Not the trigger's arguments, which may hold secrets.
  IF to_regclass('trigger') IS NOT NULL THEN
    GRANT SELECT (id, triggerer_id, created_date) ON trigger TO runbeat_reader;
  END IF;
  -- Not the alert's callback, which may hold secrets.
  IF to_regclass('deadline_alert') IS NOT NULL THEN
    GRANT SELECT (id, serialized_dag_id, "interval", reference) ON deadline_alert TO runbeat_reader;
  END IF;
  -- Not the callback's arguments, which may hold secrets.
  IF to_regclass('callback') IS NOT NULL THEN
    GRANT SELECT (type, state) ON callback TO runbeat_reader;
  END IF;
  -- The run that an event came from, but not the event's content.
  IF to_regclass('asset_event') IS NOT NULL THEN
    GRANT SELECT (id, source_dag_id, source_run_id) ON asset_event TO runbeat_reader;
  END IF;
  IF to_regclass('dataset_event') IS NOT NULL THEN
    GRANT SELECT (id, source_dag_id, source_run_id) ON dataset_event TO runbeat_reader;
  END IF;
END
$$;
