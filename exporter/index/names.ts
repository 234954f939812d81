import type pg from 'pg';
import type { IndexedRun } from './rows.ts';

/** Names of one kind with their ids, and the statements that find and add them. `scope` holds the first parameters of both. */
interface Kind {
  known: Map<string, number>;
  scope: readonly unknown[];
  find: string;
  insert: string;
}

/** Cached ids of the names of one source's DAGs and of business keys. */
export class Names {
  private readonly dags: Kind;
  private readonly keys: Kind = {
    known: new Map(),
    scope: [],
    find: 'select id, key as name from business_key where key = any($1)',
    insert: 'insert into business_key (key) select unnest($1::text[]) on conflict (key) do nothing',
  };

  constructor(
    private readonly pool: pg.Pool,
    sourceId: number,
  ) {
    this.dags = {
      known: new Map(),
      scope: [sourceId],
      find: 'select id, dag_id as name from dag where source_id = $1 and dag_id = any($2)',
      insert:
        'insert into dag (source_id, dag_id) select $1, unnest($2::text[]) on conflict (source_id, dag_id) do nothing',
    };
  }

  dag(dagId: string): number {
    return this.dags.known.get(dagId)!;
  }

  key(name: string): number {
    return this.keys.known.get(name)!;
  }

  /** Gives every name in these runs an id. It commits separately, because a name without a run does no harm. */
  async learn(runs: readonly IndexedRun[]): Promise<void> {
    const [dags, keys] = [new Set<string>(), new Set<string>()];
    for (const run of runs) {
      if (!this.dags.known.has(run.dag_id)) dags.add(run.dag_id);
      for (const key in run.keys) if (!this.keys.known.has(key)) keys.add(key);
    }
    if (dags.size > 0) await this.learnKind(this.dags, [...dags]);
    if (keys.size > 0) await this.learnKind(this.keys, [...keys]);
  }

  /** Selects before it inserts: an insert that conflicts with an existing row would still consume an id. */
  private async learnKind(kind: Kind, names: readonly string[]): Promise<void> {
    await this.find(kind, names);
    const missing = names.filter((name) => !kind.known.has(name));
    if (missing.length === 0) return;
    await this.pool.query(kind.insert, [...kind.scope, missing]);
    await this.find(kind, missing);
  }

  private async find({ known, scope, find }: Kind, names: readonly string[]): Promise<void> {
    const { rows } = await this.pool.query<{ id: number; name: string }>(find, [...scope, names]);
    for (const { id, name } of rows) known.set(name, id);
  }
}
