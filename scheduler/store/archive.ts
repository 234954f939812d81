import type { Queryable } from './database.ts';
import { deleteLogBatch } from './logs.ts';
import { deleteUnused } from './retention.ts';

const RUN_COLUMNS = `id, dag_id, run_id, run_type, state, lane, logical_date, conf, queued_at, start_date, end_date, clear_number,
  dag_version_id, triggered_by, last_scheduling_decision, updated_at, failure_reason`;
const TASK_COLUMNS = `id, dag_run_id, dag_id, run_id, task_id, map_index, state, try_number, max_tries, operator, pool, pool_slots,
  priority_weight, queue, scheduled_dttm, queued_dttm, start_date, end_date, next_try_at, reschedules,
  worker_job_id, hostname, updated_at`;
const ATTEMPT_COLUMNS = `id, task_instance_id, dag_run_id, dag_id, run_id, task_id, map_index, try_number, state, operator, pool,
  queue, scheduled_dttm, queued_dttm, start_date, end_date, reschedules, hostname`;

/**
 * Runs that may be archived: finished for longer than $1 seconds, and neither the newest run of their DAG nor the one with the newest
 * logical date, which show up to where the DAG has run.
 */
const CANDIDATES = `
  from runbeat.dag_run r
 where r.end_date < clock_timestamp() - $1 * interval '1 second'
   and exists (select from runbeat.dag_run newer where newer.dag_id = r.dag_id and newer.id > r.id)
   and (r.logical_date is null
        or exists (select from runbeat.dag_run later where later.dag_id = r.dag_id and later.logical_date > r.logical_date))`;

/** How many runs the next calls of `archiveBatch` would move. */
export async function countArchivable(db: Queryable, ageSeconds: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(`select count(*)::int as count ${CANDIDATES}`, [ageSeconds]);
  return rows[0]!.count;
}

/**
 * Moves up to `limit` runs with their task instances and tries to the archive in one short statement, and returns their number.
 * Skips locked runs.
 */
export async function archiveBatch(db: Queryable, ageSeconds: number, limit: number): Promise<number> {
  const { rows } = await db.query<{ moved: number }>({
    name: 'archive_batch',
    text: `
with chosen as materialized (select r.id ${CANDIDATES} order by r.end_date limit $2 for update of r skip locked),
task as (delete from runbeat.task_instance t using chosen where t.dag_run_id = chosen.id returning t.*),
attempt as (delete from runbeat.task_instance_history h using chosen where h.dag_run_id = chosen.id returning h.*),
run as (delete from runbeat.dag_run r using chosen where r.id = chosen.id returning r.*),
task_kept as (insert into runbeat.task_instance_archive (${TASK_COLUMNS}) select ${TASK_COLUMNS} from task),
attempt_kept as (insert into runbeat.task_instance_history_archive (${ATTEMPT_COLUMNS}) select ${ATTEMPT_COLUMNS} from attempt),
run_kept as (insert into runbeat.dag_run_archive (${RUN_COLUMNS}) select ${RUN_COLUMNS} from run)
select count(*)::int as moved from chosen`,
    values: [ageSeconds, limit],
  });
  return rows[0]!.moved;
}

/** Takes the lock of the archive, which ends with the connection. Returns false if another process has it. */
export async function lockArchive(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ locked: boolean }>(
    "select pg_try_advisory_lock(hashtext('runbeat archive')) as locked",
  );
  return rows[0]!.locked;
}

export async function unlockArchive(db: Queryable): Promise<void> {
  await db.query("select pg_advisory_unlock(hashtext('runbeat archive'))");
}

export interface ArchiveOptions {
  /** Age at which a finished run is moved; null to move none. */
  ageSeconds: number | null;
  /** Age at which an archived run's logs are deleted; null to keep them. */
  logAgeSeconds: number | null;
  batchSize: number;
  signal?: AbortSignal;
  onBatch?: (moved: number) => void;
}

export interface Archived {
  runs: number;
  /** Number of tries whose logs were deleted. */
  logs: number;
  /** Number of deleted rows of versions, code and ended processes. */
  unused: number;
}

/**
 * Moves all runs and deletes all logs that are old enough, batch by batch. Stops early when `signal` aborts. Returns null if another
 * process is doing it.
 */
export async function archiveAll(client: Queryable, options: ArchiveOptions): Promise<Archived | null> {
  const { ageSeconds, logAgeSeconds, batchSize, signal, onBatch } = options;
  if (!(await lockArchive(client))) return null;
  try {
    const runs =
      ageSeconds === null
        ? 0
        : await inBatches(batchSize, () => archiveBatch(client, ageSeconds, batchSize), signal, onBatch);
    const logs =
      logAgeSeconds === null
        ? 0
        : await inBatches(batchSize, () => deleteLogBatch(client, logAgeSeconds, batchSize), signal);
    const unused = signal?.aborted ? 0 : await deleteUnused(client);
    return { runs, logs, unused };
  } finally {
    await unlockArchive(client);
  }
}

async function inBatches(
  batchSize: number,
  batch: () => Promise<number>,
  signal?: AbortSignal,
  onBatch?: (total: number) => void,
): Promise<number> {
  let total = 0;
  while (!signal?.aborted) {
    const done = await batch();
    total += done;
    if (done > 0) onBatch?.(total);
    if (done < batchSize) break;
  }
  return total;
}
