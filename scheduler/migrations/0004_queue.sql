-- The queue is the queued task instances themselves: workers take them in this order, by priority and then by age.
-- `queue` comes last because a worker may serve several queues and still needs one order over all of them.
CREATE INDEX ti_queue ON task_instance (priority_weight DESC, queued_dttm, queue) WHERE state = 'queued';

-- Services of 0.1.0 that still run during an upgrade record their ends with this column, so it stays for now.
COMMENT ON COLUMN task_instance.queue_job_id IS 'Not used any more: 0.1.0 kept a second row for each queued task in a job library''s tables.';
COMMENT ON COLUMN task_instance.try_number IS 'Number of the attempt, from 1 once it is queued; with id, reschedules and worker_job_id it fences every write of a result.';
