import type pg from 'pg';
import type { IndexedRun } from './rows.ts';

/** Ids under which the index keeps the names of one source's DAGs, and of business keys; learnt once each. */
export class Names {
  private readonly dags = new Map<string, number>();
  private readonly keys = new Map<string, number>();

  constructor(
    private readonly pool: pg.Pool,
    private readonly sourceId: number,
  ) {}

  dag(dagId: string): number {
    return this.dags.get(dagId)!;
  }

  key(name: string): number {
    return this.keys.get(name)!;
  }

  /** Gives every name in these runs an id. Commits by itself: a name without a run does no harm. */
  async learn(runs: readonly IndexedRun[]): Promise<void> {
    const [dags, keys] = [new Set<string>(), new Set<string>()];
    for (const run of runs) {
      if (!this.dags.has(run.dag_id)) dags.add(run.dag_id);
      for (const key in run.keys) if (!this.keys.has(key)) keys.add(key);
    }
    if (dags.size > 0) await this.learnDags([...dags]);
    if (keys.size > 0) await this.learnKeys([...keys]);
  }

  private async learnDags(unknown: readonly string[]): Promise<void> {
    await this.pool.query(
      'insert into dag (source_id, dag_id) select $1, unnest($2::text[]) on conflict (source_id, dag_id) do nothing',
      [this.sourceId, unknown],
    );
    const { rows } = await this.pool.query<{ id: number; dag_id: string }>(
      'select id, dag_id from dag where source_id = $1 and dag_id = any($2)',
      [this.sourceId, unknown],
    );
    for (const { id, dag_id } of rows) this.dags.set(dag_id, id);
  }

  private async learnKeys(unknown: readonly string[]): Promise<void> {
    await this.pool.query('insert into business_key (key) select unnest($1::text[]) on conflict (key) do nothing', [
      unknown,
    ]);
    const { rows } = await this.pool.query<{ id: number; key: string }>(
      'select id, key from business_key where key = any($1)',
      [unknown],
    );
    for (const { id, key } of rows) this.keys.set(key, id);
  }
}
