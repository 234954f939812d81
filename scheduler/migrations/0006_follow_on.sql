-- A worker that ends a task may start what follows in the same transaction, in the slot that became free. It does so only
-- while nothing waits for a slot of that pool or DAG; these indexes, nearly always empty, answer that.
CREATE INDEX ti_waits_for_pool ON task_instance (pool) WHERE state IN ('scheduled', 'restarting');
CREATE INDEX ti_waits_for_dag ON task_instance (dag_id) WHERE state IN ('scheduled', 'restarting');
