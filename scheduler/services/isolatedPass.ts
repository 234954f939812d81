import pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import { isTransient } from '../../platform/postgres/faults.ts';
import { failRun, startableRuns } from '../store/pass.ts';
import type { VersionCache } from '../store/versions.ts';
import { PROMOTE_LIMIT, runPass, type PassReport, type PassRequest } from './pass.ts';

/** SQLSTATE classes of errors that a value causes: cardinality, data, integrity constraint, program limit. */
const VALUE_STATES = /^(21|22|23|54)/;

/**
 * Whether a written value or a stored definition caused the error. Missing tables or rights don't count, because they would make every
 * run fail.
 */
export function isValueFault(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return VALUE_STATES.test(error.code ?? '');
  return !isTransient(error);
}

export interface IsolatedPass {
  reports: PassReport[];
  /** Runs that ended as failed because they can't be scheduled. */
  failed: number[];
}

/**
 * Runs a scheduling pass that no single run can stop. If a value makes the pass fail, it is repeated run by run. A run that also
 * fails by itself ends as failed, with the reason. Other errors are thrown.
 */
export async function runIsolatedPass(
  client: pg.ClientBase,
  versions: VersionCache,
  request: PassRequest,
  logger: Logger,
): Promise<IsolatedPass> {
  try {
    return { reports: [await runPass(client, versions, request)], failed: [] };
  } catch (error) {
    if (!isValueFault(error)) throw error;
    logger.error({ err: error, lane: request.lane }, 'a scheduling pass failed; repeating it run by run');
  }
  const result: IsolatedPass = { reports: [], failed: [] };
  const waiting = request.promote === true ? await startableRuns(client, request.lane, PROMOTE_LIMIT) : [];
  const singles = [
    ...request.runIds.map((id) => ({ id, pass: { ...request, runIds: [id], promote: false } })),
    ...waiting.map((id) => ({ id, pass: { ...request, runIds: [], promote: [id] } })),
  ];
  for (const { id, pass } of singles) {
    try {
      result.reports.push(await runPass(client, versions, pass));
    } catch (error) {
      if (!isValueFault(error)) throw error;
      logger.error({ err: error, run: id }, 'a run cannot be scheduled; it ends as failed');
      const reason = error instanceof Error ? error.message : String(error);
      await failRun(client, id, `The scheduler could not continue this run: ${reason}`);
      result.failed.push(id);
    }
  }
  return result;
}
