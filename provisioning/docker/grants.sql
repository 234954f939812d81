-- What each service may do with the scheduler's tables. The one-shot container `grants` runs this as runbeat_owner after each
-- migration. It first revokes all rights, so that a right that was removed here is removed in the database too.

REVOKE ALL ON ALL TABLES IN SCHEMA runbeat FROM runbeat_scheduler, runbeat_worker, runbeat_reader;
GRANT USAGE ON SCHEMA runbeat TO runbeat_scheduler, runbeat_worker, runbeat_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA runbeat TO runbeat_scheduler, runbeat_worker, runbeat_reader;

-- The scheduler writes all tables except the list of migrations.
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA runbeat TO runbeat_scheduler;
REVOKE INSERT, UPDATE, DELETE ON runbeat.migration FROM runbeat_scheduler;

-- A worker registers itself, starts and ends attempts, keeps their output, and creates runs for trigger tasks. It can
-- change neither code nor definitions.
GRANT INSERT, UPDATE ON runbeat.job TO runbeat_worker;
GRANT UPDATE ON runbeat.task_instance TO runbeat_worker;
GRANT INSERT, DELETE ON runbeat.task_log TO runbeat_worker;
GRANT INSERT ON runbeat.dag_run TO runbeat_worker;
