import type { SourceReader } from '../sources/reader.ts';
import type { DagRow, PoolRow } from '../sources/rows.ts';

/** DAGs and pools of a source: they change seldom, and are read only so often. */
export class SourceSettings {
  dags: ReadonlyMap<string, DagRow> = new Map();
  pools: ReadonlyMap<string, PoolRow> = new Map();
  private readAt = -Infinity;

  constructor(private readonly everySeconds: number) {}

  async read(reader: SourceReader): Promise<void> {
    if (performance.now() - this.readAt < this.everySeconds * 1000) return;
    this.dags = new Map((await reader.dags()).map((dag) => [dag.dag_id, dag]));
    this.pools = new Map((await reader.pools()).map((pool) => [pool.pool, pool]));
    this.readAt = performance.now();
  }
}
