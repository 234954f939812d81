-- Old verdicts are deleted from the index.
CREATE INDEX promise_day_at ON promise_day (day);
