import type pg from 'pg';
import { openStatelessPool } from '../../platform/postgres/connect.ts';
import type { StatelessPool } from '../../platform/postgres/statelessPool.ts';
import { inTransaction } from '../../platform/postgres/transaction.ts';

export interface ConnectionLimits {
  /** Connections that the exporter may hold on the observed database; 1 by default. */
  connections: number;
  /** Time limit for a statement, in milliseconds. If the database hangs, the connection is given up shortly after that. */
  statementTimeoutMs: number;
}

/**
 * Connections to an observed database. Each statement runs in a read-only transaction, regardless of the role's rights. It does not
 * wait long for locks, and runs without JIT compilation, which would cost more than these short queries. Settings end with the
 * transaction, because behind PgBouncer, Airflow may use the same connection next.
 */
export function openSource(url: string, name: string, limits: ConnectionLimits): StatelessPool {
  const { connections, statementTimeoutMs } = limits;
  const options = {
    url,
    name: `runbeat exporter (${name})`,
    max: connections,
    connectTimeoutMs: statementTimeoutMs,
    queryTimeoutMs: statementTimeoutMs + 2_000,
    pipeline: true,
  };
  return openStatelessPool(
    options,
    `begin isolation level repeatable read read only; ${localSettings(statementTimeoutMs)}`,
  );
}

function localSettings(statementTimeoutMs: number): string {
  return [
    `statement_timeout = ${statementTimeoutMs}`,
    'lock_timeout = 1000',
    'idle_in_transaction_session_timeout = 30000',
    'jit = off',
  ]
    .map((setting) => `set local ${setting}`)
    .join('; ');
}

/** Everything that `use` reads comes from one snapshot. */
export function inSnapshot<Result>(pool: pg.Pool, use: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  return inTransaction(pool, use);
}
