import { RECORDS } from '../../../shared/records.ts';
import { BY_DAG } from '../queries.ts';

/** Recorded series of the DAGs that the dashboard's variables choose. */
export const JUDGED = `${RECORDS.promiseRuns}{${BY_DAG}}`;
export const BROKEN = `${RECORDS.promiseBroken}{${BY_DAG}}`;
export const RUNS_OF_DAGS = `${RECORDS.runs}{${BY_DAG}}`;
export const FAILED = `${RECORDS.runsFailed}{${BY_DAG}}`;
export const ENDED = `${RECORDS.runsFinished}{${BY_DAG}}`;
