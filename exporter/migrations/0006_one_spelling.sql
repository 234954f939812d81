-- Numbers are looked up in one canonical spelling. A run that was created again under its run_id replaces the deleted one.

-- It is not known whether an old value was a number or a text, so the number's spelling is added and the old one stays.
INSERT INTO run_key (key_id, value, at_us, source_id, run)
SELECT key_id, plain, at_us, source_id, run
FROM (
  SELECT key_id, value, at_us, source_id, run,
    CASE WHEN value ~ '^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?$' THEN trim_scale(value::numeric)::text END AS plain
  FROM run_key
) spelled
WHERE plain <> value AND length(plain) <= 512
ON CONFLICT DO NOTHING;

ALTER TABLE run ADD COLUMN replaced boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN run.replaced IS 'The source has deleted this run and has a newer one under the same run_id. Lookups find the newer one.';

WITH gone AS (
  UPDATE run SET replaced = true
  FROM (SELECT source_id, dag, run_id, max(id) AS newest FROM run GROUP BY source_id, dag, run_id HAVING count(*) > 1) again
  WHERE run.source_id = again.source_id AND run.dag = again.dag AND run.run_id = again.run_id AND run.id < again.newest
  RETURNING run.source_id, run.id, run.at_us, run.keys
)
DELETE FROM run_key USING gone
WHERE run_key.source_id = gone.source_id AND run_key.run = gone.id AND run_key.at_us = gone.at_us
  AND run_key.key_id IN (SELECT k.id FROM business_key k WHERE gone.keys ? k.key);
