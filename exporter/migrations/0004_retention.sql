-- What is old leaves the index, and what is in the counters is told by attempt.

ALTER TABLE source ADD COLUMN kept_from_us bigint;
COMMENT ON COLUMN source.kept_from_us IS 'Runs that were asked for and had ended before this moment are no longer kept.';

ALTER TABLE series ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN series.changed_at IS 'Last write, by which series of DAGs that are long gone are found.';

ALTER TABLE emitted_task ADD COLUMN try_number integer, ADD COLUMN start_us bigint;
COMMENT ON COLUMN emitted_task.start_us IS 'With try_number it tells the attempt, whose end may be written twice.';

ALTER TABLE outage ADD COLUMN counted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN outage.counted IS 'It is in runbeat_outages_total.';
UPDATE outage SET counted = true WHERE to_us IS NOT NULL;
