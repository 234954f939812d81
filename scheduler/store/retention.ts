import type { Queryable } from './database.ts';

/** Rows that are kept for a while after their use, so that readers that are just looking at them still find them. */
const SUPERSEDED = "interval '1 hour'";
const ENDED_JOBS = "interval '30 days'";

/** The version was replaced some time ago, and no run can need it, apart from those named by the caller. */
const REPLACED = `
  not exists (select from runbeat.dag d where d.current_version_id = v.id)
  and exists (select from runbeat.dag_version newer
               where newer.dag_id = v.dag_id and newer.version_number > v.version_number
                 and newer.created_at < clock_timestamp() - ${SUPERSEDED})
  and not exists (select from runbeat.dag_run r where r.dag_version_id = v.id)`;

/**
 * Deletes versions that no run holds, code that no run can be run with any more, and processes that ended long ago. Returns
 * how many rows. Archived runs keep their version, which shows their graph, but can't be run again.
 */
export async function deleteUnused(db: Queryable): Promise<number> {
  const statements = [
    `delete from runbeat.dag_version v
      where ${REPLACED} and not exists (select from runbeat.dag_run_archive a where a.dag_version_id = v.id)`,
    `delete from runbeat.dag_bundle b
      where b.created_at < clock_timestamp() - ${SUPERSEDED}
        and not exists (select from runbeat.dag_version v where v.bundle_hash = b.bundle_hash and not (${REPLACED}))`,
    `delete from runbeat.job where state <> 'running' and end_date < clock_timestamp() - ${ENDED_JOBS}`,
  ];
  let deleted = 0;
  for (const statement of statements) deleted += (await db.query(statement)).rowCount ?? 0;
  return deleted;
}
