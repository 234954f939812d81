import type pg from 'pg';
import type { SourceConfig } from '../config.ts';
import { inSnapshot, openSource } from '../sources/connection.ts';
import type { Dialect } from '../sources/dialect.ts';
import { probe } from '../sources/probe.ts';
import { SourceReader } from '../sources/reader.ts';

/** Time limit for queries of the API on an observed database. */
const TIMEOUT_MS = 5_000;

type Use<Result> = (reader: SourceReader) => Promise<Result>;

/** Queries of the API on one source, on connections of their own, so that they do not delay polls. */
export class ApiReads {
  private readonly pool: pg.Pool;

  constructor(
    private readonly config: SourceConfig,
    statementTimeoutMs: number,
    /** Null before the first poll. */
    private readonly dialect: () => Dialect | null,
  ) {
    this.pool = openSource(config.url, `${config.name}, API`, {
      connections: config.connections,
      statementTimeoutMs: Math.min(statementTimeoutMs, TIMEOUT_MS),
    });
  }

  /** Each statement in a transaction of its own. */
  async each<Result>(use: Use<Result>): Promise<Result> {
    return use(await this.readerOn(this.pool));
  }

  /** All statements in one snapshot. Statements that don't depend on each other may be sent at the same time. */
  atOnce<Result>(use: Use<Result>): Promise<Result> {
    return inSnapshot(this.pool, async (client) => use(await this.readerOn(client)));
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  private async readerOn(client: pg.Pool | pg.PoolClient): Promise<SourceReader> {
    return new SourceReader(client, this.dialect() ?? (await probe(client)), this.config.keys);
  }
}
