import type pg from 'pg';
import { faultOf } from './faults.ts';
import { StatelessPool } from './statelessPool.ts';

export interface TransactionOptions {
  /** The statement that begins the transaction. */
  begin?: string;
}

/**
 * Runs `work` in one transaction on a connection of the pool. If it throws, the transaction is rolled back and the error is rethrown. A
 * connection that can't roll back is closed instead of being reused.
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  const client = await pool.connect();
  const begin = options.begin ?? (pool instanceof StatelessPool ? pool.begin : 'begin');
  let usable = false;
  try {
    const result = await transact(client, work, { begin }, (rolledBack) => (usable = rolledBack));
    usable = true;
    return result;
  } finally {
    client.release(!usable);
  }
}

/** The same on a separate connection. */
export async function transact<Client extends pg.ClientBase, Result>(
  client: Client,
  work: (client: Client) => Promise<Result>,
  { begin = 'begin' }: TransactionOptions = {},
  onRollback: (succeeded: boolean) => void = () => undefined,
): Promise<Result> {
  try {
    await client.query(begin);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    onRollback(await rollBack(client, 'rollback', error));
    throw error;
  }
}

/** Runs a part of a transaction that may fail by itself. In that case, its writes are undone and the transaction continues. */
export async function inSavepoint<Result>(client: pg.ClientBase, work: () => Promise<Result>): Promise<Result> {
  await client.query('savepoint part');
  try {
    const result = await work();
    await client.query('release savepoint part');
    return result;
  } catch (error) {
    await rollBack(client, 'rollback to savepoint part; release savepoint part', error);
    throw error;
  }
}

async function rollBack(client: pg.ClientBase, statement: string, error: unknown): Promise<boolean> {
  // Don't wait again for a lost connection.
  if (faultOf(error) === 'unreachable') return false;
  return client.query(statement).then(
    () => true,
    () => false,
  );
}
