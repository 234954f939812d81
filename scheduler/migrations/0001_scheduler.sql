-- The scheduler's own database. Tables and columns carry Airflow's names where Airflow has one.
-- Lifecycle and rescue protocol: docs/lifecycle.md.

CREATE TABLE dag_bundle (
  bundle_hash text PRIMARY KEY,
  code        text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dag_bundle IS 'Compiled code of DAG files by content hash, so that a run keeps the code that it started with.';

CREATE TABLE dag (
  dag_id                  text PRIMARY KEY CHECK (dag_id <> ''),
  is_paused               boolean NOT NULL DEFAULT false,
  is_stale                boolean NOT NULL DEFAULT false,
  lane                    text NOT NULL DEFAULT 'default',
  fileloc                 text NOT NULL,
  description             text,
  owner                   text,
  tags                    text[] NOT NULL DEFAULT '{}',
  schedule                jsonb,
  max_active_runs         integer NOT NULL DEFAULT 16 CHECK (max_active_runs > 0),
  max_active_tasks        integer NOT NULL DEFAULT 64 CHECK (max_active_tasks > 0),
  queues                  text[] NOT NULL DEFAULT '{}',
  pools                   text[] NOT NULL DEFAULT '{}',
  current_version_id      bigint,
  next_dagrun_logical_date timestamptz,
  next_dagrun_create_after timestamptz,
  last_parsed_time        timestamptz,
  updated_at              timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN dag.queues IS 'Queues that its tasks name. A worker that is started without --queues serves all of them.';
COMMENT ON COLUMN dag.is_stale IS 'No file defines the DAG any more. Its runs are kept.';

CREATE TABLE dag_version (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dag_id         text NOT NULL REFERENCES dag (dag_id) ON DELETE CASCADE,
  version_number integer NOT NULL CHECK (version_number > 0),
  dag_hash       text NOT NULL,
  bundle_hash    text NOT NULL REFERENCES dag_bundle (bundle_hash),
  data           jsonb NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  UNIQUE (dag_id, version_number)
);
COMMENT ON COLUMN dag_version.data IS 'Serialized DAG: {"dag_id", "tasks": [SerializedTask], ...} (shared/dag.ts).';
ALTER TABLE dag ADD FOREIGN KEY (current_version_id) REFERENCES dag_version (id) ON DELETE SET NULL;

CREATE TABLE import_error (
  fileloc   text PRIMARY KEY,
  message   text NOT NULL,
  timestamp timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE slot_pool (
  pool        text PRIMARY KEY CHECK (pool <> ''),
  slots       integer NOT NULL CHECK (slots >= -1),
  description text
);
COMMENT ON COLUMN slot_pool.slots IS '-1 = unlimited.';
INSERT INTO slot_pool (pool, slots, description) VALUES ('default_pool', 128, 'Tasks that name no pool.');

CREATE TABLE job (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_type         text NOT NULL CHECK (job_type IN ('SchedulerJob', 'WorkerJob')),
  state            text NOT NULL CHECK (state IN ('running', 'success', 'failed')),
  lane             text NOT NULL DEFAULT 'default',
  hostname         text NOT NULL,
  unixname         text,
  pid              integer,
  queues           text[] NOT NULL DEFAULT '{}',
  queue_holders    text[] NOT NULL DEFAULT '{}',
  start_date       timestamptz NOT NULL DEFAULT now(),
  end_date         timestamptz,
  latest_heartbeat timestamptz NOT NULL DEFAULT now(),
  heartbeat_clock  timestamptz,
  CHECK (state = 'running' OR end_date IS NOT NULL)
);
COMMENT ON COLUMN job.queue_holders IS 'Names under which a worker locks jobs of the queue (graphile_worker.jobs.locked_by).';
COMMENT ON COLUMN job.latest_heartbeat IS 'Database clock: one clock for all machines.';
COMMENT ON COLUMN job.heartbeat_clock IS 'The clock of the process at that heartbeat. The difference between the two is its clock skew.';
CREATE INDEX job_type_heartbeat ON job (job_type, latest_heartbeat);

CREATE TABLE dag_run (
  id                       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dag_id                   text NOT NULL REFERENCES dag (dag_id) ON DELETE CASCADE,
  run_id                   text NOT NULL CHECK (run_id <> ''),
  run_type                 text NOT NULL CHECK (run_type IN ('manual', 'scheduled', 'backfill')),
  state                    text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'success', 'failed')),
  lane                     text NOT NULL DEFAULT 'default',
  logical_date             timestamptz,
  conf                     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(conf) = 'object'),
  queued_at                timestamptz NOT NULL DEFAULT clock_timestamp(),
  start_date               timestamptz,
  end_date                 timestamptz,
  clear_number             integer NOT NULL DEFAULT 0 CHECK (clear_number >= 0),
  dag_version_id           bigint NOT NULL REFERENCES dag_version (id),
  triggered_by             text,
  last_scheduling_decision timestamptz,
  updated_at               timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (dag_id, run_id),
  CHECK ((state IN ('success', 'failed')) = (end_date IS NOT NULL)),
  CHECK (state <> 'running' OR start_date IS NOT NULL)
);
CREATE INDEX dag_run_dag_state ON dag_run (dag_id, state);
CREATE INDEX dag_run_running ON dag_run (lane, id) WHERE state = 'running';
CREATE INDEX dag_run_queued ON dag_run (dag_id, id) WHERE state = 'queued';
CREATE INDEX dag_run_ended ON dag_run (end_date) WHERE end_date IS NOT NULL;
CREATE UNIQUE INDEX dag_run_scheduled_once ON dag_run (dag_id, logical_date) WHERE run_type = 'scheduled';

CREATE TABLE task_instance (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dag_run_id      bigint NOT NULL REFERENCES dag_run (id) ON DELETE CASCADE,
  dag_id          text NOT NULL,
  run_id          text NOT NULL,
  task_id         text NOT NULL,
  map_index       integer NOT NULL DEFAULT -1,
  state           text CHECK (state IN ('scheduled', 'queued', 'running', 'success', 'restarting', 'failed', 'up_for_retry',
                                        'up_for_reschedule', 'upstream_failed', 'skipped', 'deferred', 'removed')),
  try_number      integer NOT NULL DEFAULT 0 CHECK (try_number >= 0),
  max_tries       integer NOT NULL DEFAULT 0 CHECK (max_tries >= 0),
  operator        text NOT NULL,
  pool            text NOT NULL DEFAULT 'default_pool',
  pool_slots      integer NOT NULL DEFAULT 1 CHECK (pool_slots > 0),
  priority_weight integer NOT NULL DEFAULT 1,
  queue           text NOT NULL DEFAULT 'default',
  scheduled_dttm  timestamptz,
  queued_dttm     timestamptz,
  start_date      timestamptz,
  end_date        timestamptz,
  next_try_at     timestamptz,
  reschedules     integer NOT NULL DEFAULT 0,
  queue_job_id    bigint,
  worker_job_id   bigint,
  hostname        text,
  updated_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (dag_run_id, task_id, map_index),
  CHECK (state IS DISTINCT FROM 'running' OR (start_date IS NOT NULL AND worker_job_id IS NOT NULL)),
  CHECK (state IS NULL OR state NOT IN ('success', 'failed', 'skipped', 'upstream_failed', 'removed') OR end_date IS NOT NULL),
  CHECK (state IS NULL OR state NOT IN ('up_for_retry', 'up_for_reschedule') OR next_try_at IS NOT NULL)
);
COMMENT ON COLUMN task_instance.try_number IS 'Number of the attempt, from 1 once it is queued; with id, queue_job_id and worker_job_id it fences every write of a result.';
COMMENT ON COLUMN task_instance.queue_job_id IS 'The job in the queue (graphile_worker.jobs.id) that may start this attempt; any other one is refused.';
COMMENT ON COLUMN task_instance.next_try_at IS 'When a retry or the next poke of a sensor is due.';
CREATE INDEX ti_dag_run ON task_instance (dag_id, run_id);
CREATE INDEX ti_occupied ON task_instance (pool, dag_id, pool_slots) WHERE state IN ('queued', 'running');
CREATE INDEX ti_due ON task_instance (next_try_at) WHERE next_try_at IS NOT NULL;

CREATE TABLE task_instance_history (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_instance_id bigint NOT NULL,
  dag_run_id       bigint NOT NULL,
  dag_id           text NOT NULL,
  run_id           text NOT NULL,
  task_id          text NOT NULL,
  map_index        integer NOT NULL,
  try_number       integer NOT NULL,
  state            text NOT NULL,
  operator         text NOT NULL,
  pool             text NOT NULL,
  queue            text NOT NULL,
  scheduled_dttm   timestamptz,
  queued_dttm      timestamptz,
  start_date       timestamptz,
  end_date         timestamptz,
  reschedules      integer NOT NULL DEFAULT 0,
  hostname         text,
  UNIQUE (task_instance_id, try_number)
);
COMMENT ON TABLE task_instance_history IS 'Attempts that were followed by another one (retry, rescue, re-run).';
CREATE INDEX task_instance_history_run ON task_instance_history (dag_run_id);

CREATE TABLE task_log (
  dag_run_id  bigint NOT NULL,
  task_id     text NOT NULL,
  map_index   integer NOT NULL DEFAULT -1,
  try_number  integer NOT NULL,
  content     text NOT NULL DEFAULT '',
  truncated   boolean NOT NULL DEFAULT false,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (dag_run_id, task_id, map_index, try_number)
);
COMMENT ON TABLE task_log IS 'stdout and stderr of an attempt, in the order written.';

CREATE TABLE dag_run_archive (LIKE dag_run INCLUDING DEFAULTS INCLUDING COMMENTS);
ALTER TABLE dag_run_archive ADD PRIMARY KEY (id), ADD UNIQUE (dag_id, run_id);
CREATE TABLE task_instance_archive (LIKE task_instance INCLUDING DEFAULTS INCLUDING COMMENTS);
ALTER TABLE task_instance_archive ADD PRIMARY KEY (id), ADD UNIQUE (dag_run_id, task_id, map_index);
CREATE TABLE task_instance_history_archive (LIKE task_instance_history INCLUDING DEFAULTS INCLUDING COMMENTS);
ALTER TABLE task_instance_history_archive ADD PRIMARY KEY (id);
CREATE INDEX task_instance_history_archive_run ON task_instance_history_archive (dag_run_id);
