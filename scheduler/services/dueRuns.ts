import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import { transact } from '../../platform/postgres/transaction.ts';
import { createDueRuns, dueDags, postponeDag } from '../store/timetables.ts';
import { isValueFault } from './isolatedPass.ts';

/** How long to wait before trying again if the next run of a DAG can't be created. */
const POSTPONE_SECONDS = 3_600;

/**
 * Creates the runs that are due in a lane and returns how many. A DAG whose run can't be created because of its values
 * does not block the others: the error is logged, and the DAG is tried again later.
 */
export async function startDueRuns(client: pg.ClientBase, lane: string, logger: Logger): Promise<number> {
  try {
    return await transact(client, () => createDueRuns(client, lane));
  } catch (error) {
    if (!isValueFault(error)) throw error;
    logger.error({ err: error, lane }, 'the runs that are due could not be created; trying DAG by DAG');
  }
  let made = 0;
  for (const dagId of await dueDags(client, lane)) {
    try {
      made += await transact(client, () => createDueRuns(client, lane, [dagId]));
    } catch (error) {
      if (!isValueFault(error)) throw error;
      logger.error({ err: error, dag: dagId }, 'the next run of a DAG could not be created; trying again in an hour');
      await postponeDag(client, dagId, POSTPONE_SECONDS);
    }
  }
  return made;
}
