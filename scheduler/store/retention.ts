import type { Queryable } from './database.ts';

/** How long rows are kept after their last use, because a reader may still need them. */
const SUPERSEDED = "interval '1 hour'";
const ENDED_JOBS = "interval '30 days'";

/** SQL condition: the version was replaced some time ago, and no run needs it, except for runs that the caller checks. */
const REPLACED = `
  not exists (select from runbeat.dag d where d.current_version_id = v.id)
  and exists (select from runbeat.dag_version newer
               where newer.dag_id = v.dag_id and newer.version_number > v.version_number
                 and newer.created_at < clock_timestamp() - ${SUPERSEDED})
  and not exists (select from runbeat.dag_run r where r.dag_version_id = v.id)`;

/**
 * Deletes versions that no run uses, code that no run needs, and the rows of processes that ended long ago. Returns the number of rows.
 * Archived runs keep their version, which shows their graph, but they can't run again, so they need no code.
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
