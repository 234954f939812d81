-- A worker takes a job and starts its attempt in one commit, so no worker holds a job in the queue any more.
ALTER TABLE job DROP COLUMN queue_holders;
-- Nothing reads task instances by the name of their run, but every update wrote an entry to this index.
DROP INDEX ti_dag_run;
