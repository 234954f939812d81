-- Output of a task is stored in parts: adding to it no longer rewrites all that was stored before.
ALTER TABLE task_log ADD COLUMN part integer NOT NULL DEFAULT 0;
ALTER TABLE task_log DROP CONSTRAINT task_log_pkey,
                     ADD PRIMARY KEY (dag_run_id, task_id, map_index, try_number, part);
COMMENT ON TABLE task_log IS 'stdout and stderr of an attempt, in parts in the order written.';

-- A run whose values can't be scheduled fails alone and says why.
ALTER TABLE dag_run ADD COLUMN failure_reason text;
ALTER TABLE dag_run_archive ADD COLUMN failure_reason text;
COMMENT ON COLUMN dag_run.failure_reason IS 'Why the scheduler itself failed the run; null if the states of its tasks decided.';

-- Code that no run can need any more is deleted, while its versions stay as long as archived runs show their graph.
ALTER TABLE dag_version DROP CONSTRAINT dag_version_bundle_hash_fkey;
CREATE INDEX dag_version_bundle ON dag_version (bundle_hash);
CREATE INDEX dag_run_version ON dag_run (dag_version_id);
CREATE INDEX dag_run_archive_version ON dag_run_archive (dag_version_id);
