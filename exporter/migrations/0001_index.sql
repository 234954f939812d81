-- The exporter's own database: what it knows of the observed ones, how far it has read, and the state of its counters.
-- Moments are microseconds since 1970 (UTC) as bigint, exactly as read.

CREATE TABLE source (
  id             smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name           text NOT NULL UNIQUE,
  fence          bigint NOT NULL DEFAULT 0,
  first_seen_us  bigint,
  watermark      bigint NOT NULL DEFAULT 0,
  gaps           jsonb NOT NULL DEFAULT '[]',
  history_top    bigint NOT NULL DEFAULT 0,
  history_cursor bigint NOT NULL DEFAULT 0,
  history_bottom bigint NOT NULL DEFAULT 0,
  database_oid   bigint,
  snapshot_xmax  bigint,
  bounds         jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN source.fence IS 'Incremented by every write. An exporter that finds another value than it wrote has lost to another exporter and reads everything again.';
COMMENT ON COLUMN source.first_seen_us IS 'Runs that ended before this moment are history: they are indexed, but no counter contains them.';
COMMENT ON COLUMN source.watermark IS 'Every dag_run.id up to this one has been seen, except those in the gaps.';
COMMENT ON COLUMN source.gaps IS '[{"from","to","xmax"}]: ids that have not been seen yet. A gap stays open while a transaction older than xmax runs.';
COMMENT ON COLUMN source.history_cursor IS 'History is indexed from history_top downwards. Ids at or above the cursor are done.';
COMMENT ON COLUMN source.bounds IS 'Histogram bounds that the stored buckets were counted with.';

CREATE TABLE dag (
  id        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source_id smallint NOT NULL REFERENCES source (id),
  dag_id    text NOT NULL,
  UNIQUE (source_id, dag_id)
);

CREATE TABLE run (
  source_id    smallint NOT NULL,
  id           bigint NOT NULL,
  dag          integer NOT NULL,
  clear_number integer NOT NULL,
  at_us        bigint NOT NULL,
  logical_us   bigint,
  queued_us    bigint,
  start_us     bigint,
  end_us       bigint,
  counted_us   bigint,
  tasks_total  integer,
  slowest_us   bigint,
  run_type     text NOT NULL,
  state        text NOT NULL,
  run_id       text NOT NULL,
  keys         jsonb,
  PRIMARY KEY (source_id, id)
) WITH (fillfactor = 90);
COMMENT ON COLUMN run.id IS 'dag_run.id of the source.';
COMMENT ON COLUMN run.at_us IS 'When the run was requested: its queued_at, else its start, else its logical date. Never updated, so updates do not touch the indexes.';
COMMENT ON COLUMN run.counted_us IS 'The counters contain the task instances that ended up to this moment. Those of a cleared run that end later are still to be counted.';
CREATE INDEX run_at ON run (at_us, source_id, id);
CREATE INDEX run_dag_at ON run (dag, at_us, source_id, id);
CREATE INDEX run_by_run_id ON run (hashtext(run_id));
CREATE INDEX run_active ON run (source_id, id) WHERE state IN ('queued', 'running');

CREATE INDEX run_slowest ON run (slowest_us) WHERE slowest_us IS NOT NULL;

CREATE TABLE business_key (
  id  smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL UNIQUE
);

CREATE TABLE run_key (
  key_id    smallint NOT NULL,
  value     text NOT NULL,
  at_us     bigint NOT NULL,
  source_id smallint NOT NULL,
  run       bigint NOT NULL,
  PRIMARY KEY (key_id, value, at_us, source_id, run)
);

CREATE TABLE emitted_task (
  source_id smallint NOT NULL,
  run       bigint NOT NULL,
  task_id   text NOT NULL,
  map_index integer NOT NULL,
  end_us    bigint NOT NULL,
  PRIMARY KEY (source_id, run, task_id, map_index)
);
COMMENT ON TABLE emitted_task IS 'Task instances of active runs whose end the counters contain.';

CREATE TABLE series (
  source_id smallint NOT NULL,
  metric    text NOT NULL,
  labels    text[] NOT NULL,
  count     bigint NOT NULL,
  sum_us    bigint NOT NULL,
  buckets   bigint[] NOT NULL,
  PRIMARY KEY (source_id, metric, labels)
);
COMMENT ON TABLE series IS 'Counters and histograms. They are written in the transaction that moves the watermark, so a restart continues them exactly.';

CREATE TABLE outage (
  source_id smallint NOT NULL,
  from_us   bigint NOT NULL,
  to_us     bigint,
  PRIMARY KEY (source_id, from_us),
  CHECK (to_us > from_us)
);

CREATE TABLE outage_run (
  source_id  smallint NOT NULL,
  from_us    bigint NOT NULL,
  run        bigint NOT NULL,
  delayed_us bigint NOT NULL CHECK (delayed_us > 0),
  PRIMARY KEY (source_id, from_us, run)
);
