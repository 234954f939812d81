import type pg from 'pg';
import type { PlannedRun, Shape } from './simulation.ts';

export type Client = Pick<pg.ClientBase, 'query'>;

/**
 * How one kind of scheduler writes the runs of a simulation. Besides its own tables there is a schema `oracle`: its views
 * `present_run` and `present_task` show the present rows, its tables `buried_run` and `buried_task` the lost ones.
 */
export interface SimulatedRows {
  /** DAGs and their structure, and the schema `oracle`. */
  prepare(): Promise<void>;
  /** Writes runs that have reached a level, and returns their ids in the same order. */
  insert(client: Client, runs: readonly PlannedRun[], level: number): Promise<number[]>;
  /** Moves runs from one level to another. At the last one, the run ends, too. */
  advance(client: Client, ids: readonly number[], runs: readonly PlannedRun[], from: number, to: number): Promise<void>;
  /** Writes what the scheduler writes one step later than the rest. */
  follow(): Promise<void>;
  /** Deletes runs as `airflow db clean` does. */
  clean(ids: readonly number[]): Promise<void>;
  /** Clears these tasks, so that the runs are active again. */
  clear(ids: readonly number[], tasks: readonly string[]): Promise<void>;
}

/** Tables for what the database loses, and for what ended before the exporter started. */
export async function prepareOracle(pool: pg.Pool, { edges, rules }: Shape): Promise<void> {
  await pool.query(`
    create table oracle.buried_run as select * from oracle.present_run limit 0;
    create table oracle.buried_task as select * from oracle.present_task limit 0;
    create table oracle.history (dag_run_id bigint, task_id text, map_index int, start_date timestamptz, end_date timestamptz);
    create table oracle.edge (up text, down text, rule text)`);
  await pool.query('insert into oracle.edge select * from json_to_recordset($1) as e(up text, down text, rule text)', [
    JSON.stringify(edges.map(([up, down]) => ({ up, down, rule: rules[down] ?? 'all_success' }))),
  ]);
}

/** Copies rows that the database is about to lose, for the oracle. */
export async function bury(pool: pg.Pool, ids: readonly number[]): Promise<void> {
  await pool.query('insert into oracle.buried_run select * from oracle.present_run where id = any($1)', [ids]);
  await pool.query('insert into oracle.buried_task select * from oracle.present_task where dag_run_id = any($1)', [
    ids,
  ]);
}

/** Records what has ended by now. It is history for an exporter that starts later. */
export async function declareHistory(pool: pg.Pool): Promise<void> {
  await pool.query(`
    insert into oracle.history select dag_run_id, task_id, map_index, start_date, end_date from oracle.present_task where end_date is not null;
    insert into oracle.history select id, null, null, start_date, end_date from oracle.present_run where end_date is not null`);
}

/** SQL for a timestamp that is given in microseconds. */
export function at(us: string): string {
  return `('epoch'::timestamptz + ${us} * interval '1 microsecond')`;
}
