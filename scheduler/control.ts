import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { UserError } from '../platform/errors.ts';
import { planRerun, type RerunRequest } from './core/rerun.ts';
import { createRuns } from './store/createRuns.ts';
import { inTransaction } from './store/database.ts';
import { lockRun, resetTasks } from './store/rerun.ts';

/** What people do to DAGs and runs, from the command line and the control API alike. */

export interface TriggerRequest {
  dagId: string;
  runId: string | null;
  logicalDate: Date | null;
  conf: Record<string, unknown>;
  triggeredBy: string;
}

/** Makes a run and answers its id. Throws UserError for an unknown DAG or a run id that is taken. */
export async function triggerDag(
  pool: pg.Pool,
  request: TriggerRequest,
): Promise<{ run_id: string; is_paused: boolean }> {
  const { rows } = await pool.query<{ is_paused: boolean }>('select is_paused from runbeat.dag where dag_id = $1', [
    request.dagId,
  ]);
  if (!rows[0]) throw await unknownDag(pool, request.dagId);
  const runId = request.runId ?? `manual__${new Date().toISOString()}_${randomBytes(3).toString('hex')}`;
  const made = await createRuns(pool, [{ ...request, runId, runType: 'manual' }]);
  if (made.length === 0)
    throw new UserError(`DAG "${request.dagId}" has a run "${runId}" already`, 'Choose another --run-id.');
  return { run_id: runId, is_paused: rows[0].is_paused };
}

/** Runs tasks of a run again and answers their ids. Throws UserError when that can't be done, with the reason. */
export async function rerunTasks(
  pool: pg.Pool,
  dagId: string,
  runId: string,
  request: RerunRequest,
): Promise<string[]> {
  return inTransaction(pool, async (client) => {
    const run = await lockRun(client, dagId, runId);
    if (!run) throw await unknownRun(pool, dagId, runId);
    const plan = planRerun(run.definition.tasks, run.states, request);
    if ('problem' in plan) throw new UserError(`${dagId} ${runId}: ${plan.problem}`);
    await resetTasks(client, run, plan.taskIds);
    return plan.taskIds;
  });
}

/** A paused DAG starts no run and queues no task; what runs is finished. */
export async function setPaused(pool: pg.Pool, dagId: string, isPaused: boolean): Promise<void> {
  const { rows } = await pool.query<{ lane: string }>(
    'update runbeat.dag set is_paused = $2, updated_at = now() where dag_id = $1 returning lane',
    [dagId, isPaused],
  );
  if (!rows[0]) throw await unknownDag(pool, dagId);
  await pool.query("select pg_notify('runbeat:' || $1, '')", [rows[0].lane]);
}

export async function unknownDag(pool: pg.Pool, dagId: string): Promise<UserError> {
  const { rows } = await pool.query<{ dag_id: string }>(
    'select dag_id from runbeat.dag where not is_stale order by dag_id limit 20',
  );
  const known = rows.map((row) => row.dag_id).join(', ');
  return new UserError(
    `there is no DAG "${dagId}"`,
    known ? `Known DAGs: ${known}.` : 'No DAG is known yet: start `runbeat scheduler` on a folder that holds some.',
  );
}

export async function unknownRun(pool: pg.Pool, dagId: string, runId: string): Promise<UserError> {
  const { rows } = await pool.query('select from runbeat.dag_run_archive where dag_id = $1 and run_id = $2', [
    dagId,
    runId,
  ]);
  if (rows.length > 0)
    return new UserError(`run "${runId}" of DAG "${dagId}" is archived; archived runs can't be run again`);
  return new UserError(`DAG "${dagId}" has no run "${runId}"`, `See \`runbeat runs list --dag ${dagId}\`.`);
}
