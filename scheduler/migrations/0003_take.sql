-- A worker takes a job and starts its attempt in one commit, so nobody holds jobs of the queue any more.
ALTER TABLE job DROP COLUMN queue_holders;
