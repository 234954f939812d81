-- Promises on journeys: values of business keys that have arrived and wait for their decision, and those decided too late.

CREATE TABLE promise_arrival (
  source_id bigint NOT NULL,
  promise   text NOT NULL,
  dag_id    text NOT NULL,
  run       bigint NOT NULL,
  value     text NOT NULL,
  key       text NOT NULL,
  at_us     bigint NOT NULL,
  PRIMARY KEY (source_id, promise, dag_id, run, value)
);
COMMENT ON TABLE promise_arrival IS 'Journeys without a verdict. dag_id is the DAG that decides; run is the run that brought the value.';

ALTER TABLE promise_break ADD COLUMN key text, ADD COLUMN value text;
COMMENT ON COLUMN promise_break.key IS 'Business key of the journey; null for other promises.';
