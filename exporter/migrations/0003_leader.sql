-- Several exporters may share an index: one leads a source and writes, the others follow what it writes.

ALTER TABLE source
  ALTER COLUMN id TYPE bigint,
  ADD COLUMN leader text,
  ADD COLUMN leader_until timestamptz,
  ADD COLUMN read_until_us bigint,
  ADD COLUMN pruned bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN source.leader IS 'The exporter that may write until leader_until, by the clock of this database.';
COMMENT ON COLUMN source.read_until_us IS 'All changes of the source up to this moment have been read.';
COMMENT ON COLUMN source.pruned IS 'Incremented when series are removed. Exporters that serve them must read all of them again.';

ALTER TABLE series ADD COLUMN fence bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN series.fence IS 'Fence of the source at the write. Followers use it to read only what has changed.';
CREATE INDEX series_fence ON series (source_id, fence);

-- Ids of sources and keys can no longer run out. Next to a bigint column, a bigint takes no more space than a smallint.
ALTER TABLE dag ALTER COLUMN source_id TYPE bigint;
ALTER TABLE run ALTER COLUMN source_id TYPE bigint;
ALTER TABLE business_key ALTER COLUMN id TYPE bigint;
ALTER TABLE run_key ALTER COLUMN source_id TYPE bigint, ALTER COLUMN key_id TYPE bigint;
ALTER TABLE emitted_task ALTER COLUMN source_id TYPE bigint;
ALTER TABLE series ALTER COLUMN source_id TYPE bigint;
ALTER TABLE outage ALTER COLUMN source_id TYPE bigint;
ALTER TABLE outage_run ALTER COLUMN source_id TYPE bigint;
ALTER TABLE dag_state ALTER COLUMN source_id TYPE bigint;
ALTER TABLE promise_state ALTER COLUMN source_id TYPE bigint;
ALTER TABLE promise_mark ALTER COLUMN source_id TYPE bigint;
ALTER TABLE promise_day ALTER COLUMN source_id TYPE bigint;
ALTER TABLE promise_break ALTER COLUMN source_id TYPE bigint;
ALTER TABLE usual_duration ALTER COLUMN source_id TYPE bigint;
ALTER SEQUENCE source_id_seq AS bigint;
ALTER SEQUENCE business_key_id_seq AS bigint;
