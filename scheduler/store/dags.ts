import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import { stringifyJson } from '../../platform/json.ts';
import { isTransient } from '../../platform/postgres/faults.ts';
import { inSavepoint, inTransaction } from '../../platform/postgres/transaction.ts';
import { firstFire } from '../core/timetable.ts';
import type { DagDefinition } from '../core/definition.ts';

/** The DAGs of one file. */
export interface LoadedFile {
  /** Path below the DAGs folder. */
  fileloc: string;
  bundle: { hash: string; code: string };
  dags: DagDefinition[];
}

export interface FileFault {
  fileloc: string;
  message: string;
}

export const contentHash = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * Stores the contents of the folder in one transaction. If a file can't be stored, only that file has an error. `pending` files have
 * not been read yet: their DAGs stay unchanged. Returns the ids of the DAGs that changed, and all errors.
 */
export async function saveFolder(
  pool: pg.Pool,
  files: readonly (LoadedFile | FileFault)[],
  pending: readonly string[],
): Promise<{ changed: string[]; faults: FileFault[] }> {
  return inTransaction(pool, async (client) => {
    await lockDags(client);
    const changed: string[] = [];
    const faults: FileFault[] = [];
    const dagIds: string[] = [];
    for (const file of files) {
      if ('message' in file) {
        faults.push(file);
        continue;
      }
      const saved = await trying(client, () => saveFile(client, file, new Date()));
      if ('reason' in saved) {
        faults.push({ fileloc: file.fileloc, message: `${file.fileloc}: it could not be stored: ${saved.reason}` });
        continue;
      }
      changed.push(...saved.result);
      dagIds.push(...file.dags.map((dag) => dag.dag_id));
    }
    // If not even the error can be stored (its path is too long for the index), it is still logged.
    for (const fault of faults) await trying(client, () => saveFault(client, fault));
    await retireMissing(client, {
      dagIds,
      filelocs: [...files.map(({ fileloc }) => fileloc), ...pending],
      faulty: [...faults.map(({ fileloc }) => fileloc), ...pending],
    });
    return { changed, faults };
  });
}

/** Runs `work` in a savepoint and returns why it failed, if it did. Throws errors that may be transient. */
async function trying<Result>(
  client: pg.ClientBase,
  work: () => Promise<Result>,
): Promise<{ result: Result } | { reason: string }> {
  try {
    return { result: await inSavepoint(client, work) };
  } catch (error) {
    if (isTransient(error)) throw error;
    return { reason: (error as Error).message };
  }
}

/** Stores a file's DAGs. A DAG whose definition or code has changed gets a new version. Returns the ids of these. */
async function saveFile(client: pg.ClientBase, file: LoadedFile, now: Date): Promise<string[]> {
  await client.query('insert into runbeat.dag_bundle (bundle_hash, code) values ($1, $2) on conflict do nothing', [
    file.bundle.hash,
    file.bundle.code,
  ]);
  const changed: string[] = [];
  for (const dag of file.dags) if (await saveDag(client, file, dag, now)) changed.push(dag.dag_id);
  await client.query('delete from runbeat.import_error where fileloc = $1', [file.fileloc]);
  return changed;
}

async function saveDag(client: pg.ClientBase, file: LoadedFile, dag: DagDefinition, now: Date): Promise<boolean> {
  const dagHash = contentHash(stringifyJson(dag));
  const known = await upsertDag(client, file.fileloc, dag);
  const sameSchedule = isDeepStrictEqual(known.schedule, storedSchedule(dag));
  if (!known.isNew && known.dag_hash === dagHash && known.bundle_hash === file.bundle.hash) return false;
  const { rows } = await client.query<{ id: number }>(
    `insert into runbeat.dag_version (dag_id, version_number, dag_hash, bundle_hash, data)
     select $1, coalesce(max(version_number), 0) + 1, $2, $3, $4 from runbeat.dag_version where dag_id = $1 returning id`,
    [dag.dag_id, dagHash, file.bundle.hash, stringifyJson(dag)],
  );
  const next = known.isNew || !sameSchedule ? firstFire(dag, now) : known.next;
  await client.query(
    `update runbeat.dag set current_version_id = $2, schedule = $3, next_dagrun_logical_date = $4,
            next_dagrun_create_after = $5 where dag_id = $1`,
    // A continuous DAG has no dates. It is due whenever it has no active run.
    [dag.dag_id, rows[0]!.id, JSON.stringify(storedSchedule(dag)), next, isContinuous(dag) ? now : next],
  );
  return true;
}

/** The schedule and everything that determines its dates. If any of it changes, the schedule restarts. */
function storedSchedule(dag: DagDefinition): Record<string, unknown> {
  return { ...dag.schedule, start_date: dag.start_date, catchup: dag.catchup };
}

function isContinuous(dag: DagDefinition): boolean {
  return dag.schedule !== null && 'continuous' in dag.schedule;
}

interface KnownDag {
  isNew: boolean;
  dag_hash: string | null;
  bundle_hash: string | null;
  schedule: Record<string, unknown> | null;
  next: Date | null;
}

async function upsertDag(client: pg.ClientBase, fileloc: string, dag: DagDefinition): Promise<KnownDag> {
  const pools = [...new Set(dag.tasks.map((task) => task.pool))];
  await client.query(
    `insert into runbeat.slot_pool (pool, slots, description)
     select pool, 128, 'Made for DAG ' || $2 from unnest($1::text[]) as pool on conflict do nothing`,
    [pools, dag.dag_id],
  );
  const { rows } = await client.query<KnownDag & pg.QueryResultRow>(
    `with before as (
       select d.schedule, d.next_dagrun_logical_date as next, v.dag_hash, v.bundle_hash, d.current_version_id is not null as had
         from runbeat.dag d left join runbeat.dag_version v on v.id = d.current_version_id where d.dag_id = $1 for update of d
     ), saved as (
       insert into runbeat.dag (dag_id, fileloc, lane, description, owner, tags, max_active_runs, max_active_tasks, queues, pools,
                                last_parsed_time)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now())
       on conflict (dag_id) do update
          set fileloc = excluded.fileloc, lane = excluded.lane, description = excluded.description, owner = excluded.owner,
              tags = excluded.tags, max_active_runs = excluded.max_active_runs, max_active_tasks = excluded.max_active_tasks,
              queues = excluded.queues, pools = excluded.pools, is_stale = false, last_parsed_time = now(), updated_at = now()
     )
     select not coalesce((select had from before), false) as "isNew", b.dag_hash, b.bundle_hash, b.schedule, b.next
       from (select) as one left join before b on true`,
    [
      dag.dag_id,
      fileloc,
      dag.lane,
      dag.description,
      dag.owner,
      dag.tags,
      dag.max_active_runs,
      dag.max_active_tasks,
      [...new Set(dag.tasks.map((task) => task.queue))],
      pools,
    ],
  );
  return rows[0]!;
}

/** Stores the error of a file. Its DAGs keep their present versions. */
async function saveFault(client: pg.ClientBase, fault: FileFault): Promise<void> {
  await client.query(
    `insert into runbeat.import_error (fileloc, message) values ($1, $2)
     on conflict (fileloc) do update set message = excluded.message, timestamp = now()`,
    [fault.fileloc, fault.message],
  );
}

/** Lets only one process at a time store DAGs. Otherwise, two processes that find the same change would both create a version. */
async function lockDags(client: pg.ClientBase): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtext('runbeat dags'))");
}

/** Marks DAGs as stale that are no longer in any file, and deletes the errors of deleted files. */
async function retireMissing(
  client: pg.ClientBase,
  present: { dagIds: string[]; filelocs: string[]; faulty: string[] },
): Promise<void> {
  // If a file or a folder can't be read at the moment, its DAGs are not deleted.
  await client.query(
    `update runbeat.dag set is_stale = true, updated_at = now()
      where not is_stale and dag_id <> all($1::text[]) and fileloc <> all($2::text[])
        and not exists (select from unnest($2::text[]) as faulty (place) where starts_with(fileloc, place || '/'))`,
    [present.dagIds, present.faulty],
  );
  await client.query('delete from runbeat.import_error where fileloc <> all($1::text[])', [present.filelocs]);
}
