import type { DagRunState, TaskInstanceState } from '../../shared/states.ts';
import type { DagDefinition } from '../core/definition.ts';
import type { Queryable } from './database.ts';

/** SQL for information about DAGs and runs, in the shapes that `--json` and the control API return. */

export interface DagRow {
  dag_id: string;
  lane: string;
  is_paused: boolean;
  is_stale: boolean;
  fileloc: string;
  owner: string | null;
  tags: string[];
  schedule: string | null;
  next_run: Date | null;
  runs_active: number;
}

export async function listDags(db: Queryable, withStale: boolean): Promise<DagRow[]> {
  const { rows } = await db.query<DagRow & Record<string, unknown>>(
    `select d.dag_id, d.lane, d.is_paused, d.is_stale, d.fileloc, d.owner, d.tags,
            case when d.schedule ? 'cron' then (d.schedule->>'cron') || ' ' || (d.schedule->>'timezone')
                 when d.schedule ? 'interval_seconds' then 'every ' || (d.schedule->>'interval_seconds') || ' s'
                 when d.schedule ? 'continuous' then '@continuous' end as schedule,
            d.next_dagrun_logical_date as next_run,
            (select count(*)::int from runbeat.dag_run r where r.dag_id = d.dag_id and r.state in ('queued', 'running')) as runs_active
       from runbeat.dag d where $1 or not d.is_stale order by d.dag_id`,
    [withStale],
  );
  return rows;
}

export interface ImportErrorRow {
  fileloc: string;
  message: string;
  timestamp: Date;
}

export async function listImportErrors(db: Queryable): Promise<ImportErrorRow[]> {
  const { rows } = await db.query<ImportErrorRow & Record<string, unknown>>(
    'select fileloc, message, timestamp from runbeat.import_error order by fileloc',
  );
  return rows;
}

export interface DagDetail extends DagRow {
  version_number: number;
  definition: DagDefinition;
}

export async function showDag(db: Queryable, dagId: string): Promise<DagDetail | null> {
  const dag = (await listDags(db, true)).find((row) => row.dag_id === dagId);
  if (!dag) return null;
  const { rows } = await db.query<{ version_number: number; data: DagDefinition }>(
    `select v.version_number, v.data from runbeat.dag d join runbeat.dag_version v on v.id = d.current_version_id
      where d.dag_id = $1`,
    [dagId],
  );
  const version = rows[0];
  return version ? { ...dag, version_number: version.version_number, definition: version.data } : null;
}

export interface RunRow {
  dag_id: string;
  run_id: string;
  run_type: string;
  state: DagRunState;
  logical_date: Date | null;
  queued_at: Date;
  start_date: Date | null;
  end_date: Date | null;
  conf: Record<string, unknown>;
  /** Why the scheduler itself failed the run; null if its tasks determined its state. */
  failure_reason: string | null;
  archived: boolean;
}

export interface RunFilter {
  dagId: string | null;
  state: string | null;
  limit: number;
}

const RUN_COLUMNS =
  'id, dag_id, run_id, run_type, state, logical_date, queued_at, start_date, end_date, conf, failure_reason';

/** Runs, newest first. Archived runs come after the live ones, because they are older. */
export async function listRuns(db: Queryable, filter: RunFilter): Promise<RunRow[]> {
  const { rows } = await db.query<RunRow & Record<string, unknown>>(
    `select dag_id, run_id, run_type, state, logical_date, queued_at, start_date, end_date, conf, failure_reason,
            archived from (
       (select ${RUN_COLUMNS}, false as archived from runbeat.dag_run
         where ($1::text is null or dag_id = $1) and ($2::text is null or state = $2) order by id desc limit $3)
       union all
       (select ${RUN_COLUMNS}, true from runbeat.dag_run_archive
         where ($1::text is null or dag_id = $1) and ($2::text is null or state = $2) order by id desc limit $3)) as runs
      order by id desc limit $3`,
    [filter.dagId, filter.state, filter.limit],
  );
  return rows;
}

export interface TaskRow {
  task_id: string;
  state: TaskInstanceState;
  try_number: number;
  max_tries: number;
  start_date: Date | null;
  end_date: Date | null;
  hostname: string | null;
  earlier_attempts: { try_number: number; state: string; start_date: string | null; end_date: string | null }[];
}

export interface RunDetail extends RunRow {
  clear_number: number;
  tasks: TaskRow[];
}

export async function showRun(db: Queryable, dagId: string, runId: string): Promise<RunDetail | null> {
  for (const suffix of ['', '_archive']) {
    const { rows } = await db.query<RunRow & { id: number; clear_number: number } & Record<string, unknown>>(
      `select ${RUN_COLUMNS}, clear_number, ${suffix !== ''} as archived from runbeat.dag_run${suffix}
        where dag_id = $1 and run_id = $2`,
      [dagId, runId],
    );
    if (rows[0]) {
      const { id, ...run } = rows[0];
      return { ...run, tasks: await tasksOf(db, id, suffix) };
    }
  }
  return null;
}

async function tasksOf(db: Queryable, dagRunId: number, suffix: string): Promise<TaskRow[]> {
  const { rows } = await db.query<TaskRow & Record<string, unknown>>(
    `select ti.task_id, ti.state, ti.try_number, ti.max_tries, ti.start_date, ti.end_date, ti.hostname,
            coalesce((select json_agg(json_build_object('try_number', h.try_number, 'state', h.state, 'start_date', h.start_date,
                                                        'end_date', h.end_date) order by h.try_number)
                        from runbeat.task_instance_history${suffix} h where h.task_instance_id = ti.id), '[]') as earlier_attempts
       from runbeat.task_instance${suffix} ti where ti.dag_run_id = $1 order by ti.id`,
    [dagRunId],
  );
  return rows;
}

export interface LogRow {
  task_id: string;
  try_number: number;
  content: string;
  truncated: boolean;
}

/** Output of a task's tries, oldest first; of one try if `tryNumber` is given. */
export async function readLogs(
  db: Queryable,
  run: { dagId: string; runId: string },
  taskId: string,
  tryNumber: number | null,
): Promise<LogRow[]> {
  const { rows } = await db.query<LogRow & Record<string, unknown>>(
    `select l.task_id, l.try_number, string_agg(l.content, '' order by l.part) as content, bool_or(l.truncated) as truncated
       from runbeat.task_log l
      where l.dag_run_id in (select id from runbeat.dag_run where dag_id = $1 and run_id = $2
                             union all select id from runbeat.dag_run_archive where dag_id = $1 and run_id = $2)
        and l.task_id = $3 and ($4::int is null or l.try_number = $4)
      group by l.task_id, l.try_number order by l.try_number`,
    [run.dagId, run.runId, taskId, tryNumber],
  );
  return rows;
}
