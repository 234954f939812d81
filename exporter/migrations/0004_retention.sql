-- Old rows are deleted from the index. Attempts that the counters already contain are recorded one by one.

ALTER TABLE source ADD COLUMN kept_from_us bigint;
COMMENT ON COLUMN source.kept_from_us IS 'Runs that were requested and ended before this moment have been deleted.';

ALTER TABLE series ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN series.changed_at IS 'Last write. Used to find series of DAGs that were deleted long ago.';

ALTER TABLE emitted_task ADD COLUMN try_number integer, ADD COLUMN start_us bigint;
COMMENT ON COLUMN emitted_task.start_us IS 'Identifies the attempt together with try_number, because Airflow may write its end twice.';

ALTER TABLE outage ADD COLUMN counted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN outage.counted IS 'Whether runbeat_outages_total contains this outage.';
UPDATE outage SET counted = true WHERE to_us IS NOT NULL;
