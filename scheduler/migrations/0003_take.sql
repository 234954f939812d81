-- A worker takes a job and starts its attempt in one commit, so nobody holds jobs of the queue any more.
ALTER TABLE job DROP COLUMN queue_holders;
-- Nothing reads task instances by the names of their run; each of their updates wrote an entry here.
DROP INDEX ti_dag_run;
