-- Every task instance is updated a few times within milliseconds. With the default of a fifth of the table, a large history
-- would let hundreds of thousands of dead entries gather in the small partial indexes that each scheduling pass reads.
ALTER TABLE task_instance SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000,
                               autovacuum_analyze_scale_factor = 0.05, fillfactor = 80);
ALTER TABLE dag_run SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, fillfactor = 80);
ALTER TABLE job SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500, fillfactor = 50);
