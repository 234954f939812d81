import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { ConflictError, InvalidError, NotFoundError, type UserError } from '../platform/errors.ts';
import { pasteable } from '../platform/terminal.ts';
import { planRerun, type RerunRequest } from './core/rerun.ts';
import { runIdProblem } from './core/runIds.ts';
import { confProblem, timeProblem } from './core/storable.ts';
import { createRuns } from './store/createRuns.ts';
import { inTransaction } from '../platform/postgres/transaction.ts';
import type { Queryable } from './store/database.ts';
import { isArchived, isDagPaused, someDagIds, writePaused } from './store/control.ts';
import { wakeLane } from './store/lanes.ts';
import { lockRun, resetTasks } from './store/rerun.ts';

/** Changes to DAGs and runs by people, for both the command line and the control API. */

export interface TriggerRequest {
  dagId: string;
  runId: string | null;
  logicalDate: Date | null;
  conf: Record<string, unknown>;
  triggeredBy: string;
}

/** Creates a run and returns its id. Throws a UserError for values that can't be stored, an unknown DAG or an existing run id. */
export async function triggerDag(
  pool: pg.Pool,
  request: TriggerRequest,
): Promise<{ run_id: string; is_paused: boolean }> {
  checkTrigger(request);
  const isPaused = await isDagPaused(pool, request.dagId);
  if (isPaused === null) throw await unknownDag(pool, request.dagId);
  const runId = request.runId ?? `manual__${new Date().toISOString()}_${randomBytes(3).toString('hex')}`;
  const made = await createRuns(pool, [{ ...request, runId, runType: 'manual' }]);
  if (made.length === 0)
    throw new ConflictError(`DAG "${request.dagId}" already has a run "${runId}"; choose another id`);
  return { run_id: runId, is_paused: isPaused };
}

function checkTrigger({ runId, logicalDate, conf }: TriggerRequest): void {
  const refuse = (field: string, problem: string | null | undefined): void => {
    if (problem) throw new InvalidError(field, problem);
  };
  refuse('run_id', runId === null ? null : runIdProblem(runId));
  refuse('logical_date', logicalDate === null ? null : timeProblem(logicalDate));
  const [, field, problem] = /^(.*?): (.*)$/s.exec(confProblem(conf) ?? '') ?? [];
  refuse(field!, problem);
}

const PLAN_ERRORS = { not_found: NotFoundError, conflict: ConflictError } as const;

/** Clears tasks of a run and returns their ids. Throws a UserError with the reason if that is not possible. */
export async function rerunTasks(
  pool: pg.Pool,
  dagId: string,
  runId: string,
  request: RerunRequest,
): Promise<string[]> {
  return inTransaction(pool, async (client) => {
    const run = await lockRun(client, dagId, runId);
    // Use the same connection: two calls that each hold one and wait for a second one could block each other.
    if (!run) throw await unknownRun(client, dagId, runId);
    const plan = planRerun(run.definition.tasks, run.states, request);
    if ('problem' in plan) throw new PLAN_ERRORS[plan.kind](`${dagId} ${runId}: ${plan.problem}`);
    await resetTasks(client, run, plan.taskIds);
    return plan.taskIds;
  });
}

/** Pauses or unpauses a DAG. A paused DAG starts no runs and queues no tasks, but its running tasks finish. */
export async function setPaused(pool: pg.Pool, dagId: string, isPaused: boolean): Promise<void> {
  const lane = await writePaused(pool, dagId, isPaused);
  if (lane === null) throw await unknownDag(pool, dagId);
  await wakeLane(pool, lane);
}

export async function unknownDag(db: Queryable, dagId: string): Promise<UserError> {
  const known = (await someDagIds(db, 20)).join(', ');
  return new NotFoundError(
    `there is no DAG "${dagId}"`,
    known
      ? `Known DAGs: ${known}.`
      : 'No DAGs are known yet: start `runbeat scheduler` with a folder that contains some.',
  );
}

export async function unknownRun(db: Queryable, dagId: string, runId: string): Promise<UserError> {
  if (await isArchived(db, dagId, runId))
    return new ConflictError(`run "${runId}" of DAG "${dagId}" is archived; archived runs can't be run again`);
  return new NotFoundError(
    `DAG "${dagId}" has no run "${runId}"`,
    `See \`${pasteable('runbeat runs list --dag', dagId)}\`.`,
  );
}
