import type { Dialect } from './dialect.ts';
import { rowsOf, type Client } from './query.ts';
import type { ComponentRow, ImportErrorRow, Listed, SchedulerRow, UnparsedRow } from './rows.ts';

/** Reads the heartbeats of a source's components, import errors, and other problems. */
export class HealthReader {
  constructor(
    private readonly client: Client,
    private readonly dialect: Dialect,
  ) {}

  schedulers(): Promise<SchedulerRow[]> {
    return rowsOf(this.client, this.dialect.schedulersQuery);
  }

  components(): Promise<ComponentRow[]> {
    const { componentsQuery } = this.dialect;
    return componentsQuery ? rowsOf(this.client, componentsQuery) : Promise.resolve([]);
  }

  /** Null if the role may not read them. */
  importErrors(): Promise<Listed<ImportErrorRow> | null> {
    return this.listed(this.dialect.importErrorsQuery);
  }

  /** Number of deferred task instances without a triggerer whose heartbeat is younger than the threshold; null if it can't be read. */
  async deferredUnserved(thresholdSeconds: number): Promise<number | null> {
    const { unservedQuery } = this.dialect;
    if (!unservedQuery) return null;
    const [row] = await rowsOf<{ count: number }>(this.client, unservedQuery, [thresholdSeconds]);
    return row!.count;
  }

  /** DAGs that have not been parsed for this many seconds; null if that is not recorded. */
  unparsedDags(seconds: number): Promise<Listed<UnparsedRow> | null> {
    return this.listed(this.dialect.unparsedQuery, [seconds]);
  }

  private async listed<Row extends object>(
    query: string | null,
    parameters: unknown[] = [],
  ): Promise<Listed<Row> | null> {
    if (!query) return null;
    const rows = await rowsOf<Row & { total: number }>(this.client, `${query} limit 100`, parameters);
    return { rows, total: rows[0]?.total ?? 0 };
  }
}
