import type { Dialect } from './dialect.ts';
import { rowsOf, type Client } from './query.ts';
import type { ComponentRow, ImportErrorRow, Listed, SchedulerRow, UnparsedRow } from './rows.ts';

/** Reads whether the components of a source are alive, and what is broken in it. */
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

  /** Null where the role may not read them. */
  importErrors(): Promise<Listed<ImportErrorRow> | null> {
    return this.listed(this.dialect.importErrorsQuery);
  }

  /** Deferred task instances that no triggerer serves whose heartbeat is younger than that; null where it can't be read. */
  async deferredUnserved(thresholdSeconds: number): Promise<number | null> {
    const { unservedQuery } = this.dialect;
    if (!unservedQuery) return null;
    const [row] = await rowsOf<{ count: number }>(this.client, unservedQuery, [thresholdSeconds]);
    return row!.count;
  }

  /** DAGs that have not been parsed for some seconds; null where that is not recorded. */
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
