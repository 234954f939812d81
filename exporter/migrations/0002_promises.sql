-- Promises and usual durations. Moments are microseconds since 1970 (UTC), as everywhere here.

CREATE TABLE dag_state (
  source_id       smallint NOT NULL,
  dag_id          text NOT NULL,
  owner           text,
  tags            text[] NOT NULL DEFAULT '{}',
  is_paused       boolean NOT NULL,
  next_run_us     bigint,
  watched_us      bigint NOT NULL,
  resumed_us      bigint,
  last_run_us     bigint,
  last_success_us bigint,
  recent          jsonb NOT NULL DEFAULT '[]',
  asked_us        bigint[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (source_id, dag_id)
);
COMMENT ON TABLE dag_state IS 'What promises need to know of each DAG. It allows judging them after a restart while the source is not available.';
COMMENT ON COLUMN dag_state.watched_us IS 'When the exporter first saw the DAG.';
COMMENT ON COLUMN dag_state.resumed_us IS 'When the DAG was last unpaused or reappeared.';
COMMENT ON COLUMN dag_state.recent IS 'The newest successes: [{"run","forUs","endUs"}].';
COMMENT ON COLUMN dag_state.asked_us IS 'When the newest runs were requested. Gives the usual time between two runs.';

CREATE TABLE promise_state (
  source_id smallint NOT NULL,
  promise   text NOT NULL,
  dag_id    text NOT NULL,
  kind      text NOT NULL,
  state     jsonb NOT NULL,
  PRIMARY KEY (source_id, promise, dag_id)
);

CREATE TABLE promise_mark (
  source_id smallint NOT NULL,
  run       bigint NOT NULL,
  promise   text NOT NULL,
  PRIMARY KEY (source_id, run, promise)
);
COMMENT ON TABLE promise_mark IS 'Promises that already have a verdict on a run that is still active.';

CREATE TABLE promise_day (
  source_id smallint NOT NULL,
  promise   text NOT NULL,
  dag_id    text NOT NULL,
  day       date NOT NULL,
  kept      integer NOT NULL,
  broken    integer NOT NULL,
  PRIMARY KEY (source_id, promise, dag_id, day)
);

CREATE TABLE promise_break (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source_id smallint NOT NULL,
  promise   text NOT NULL,
  kind      text NOT NULL,
  dag_id    text NOT NULL,
  at_us     bigint NOT NULL,
  run       bigint,
  day       text
);
CREATE INDEX promise_break_of ON promise_break (source_id, promise, dag_id, at_us);
CREATE INDEX promise_break_at ON promise_break (at_us, id);

CREATE TABLE usual_duration (
  source_id   smallint NOT NULL,
  dag_id      text NOT NULL,
  task_id     text NOT NULL,
  running_us  bigint[] NOT NULL,
  waiting_us  bigint[] NOT NULL,
  PRIMARY KEY (source_id, dag_id, task_id)
);
COMMENT ON TABLE usual_duration IS 'The last successful runs of each DAG, oldest first: how long each task ran (-1 where it did not) and waited before; the empty task_id is the run itself.';
