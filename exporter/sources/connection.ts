import type pg from 'pg';
import { openStatelessPool } from '../../platform/postgres/connect.ts';
import type { StatelessPool } from '../../platform/postgres/statelessPool.ts';
import { inTransaction } from '../../platform/postgres/transaction.ts';

export interface ConnectionLimits {
  /** Connections that the exporter may hold on the observed database; 1 by default. */
  connections: number;
  /** Longest statement, in milliseconds; a database that hangs is given up a moment later. */
  statementTimeoutMs: number;
}

/**
 * Connections to an observed database. Each statement runs in a read-only transaction, whatever the role may do, gives up
 * rather than wait for locks, and leaves compilation of queries (jit) alone: it costs more than these short queries. No
 * setting outlives its transaction, because behind PgBouncer the same connection is Airflow's next.
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

/** All that `use` reads is of one moment. */
export function inSnapshot<Result>(pool: pg.Pool, use: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
  return inTransaction(pool, use);
}
