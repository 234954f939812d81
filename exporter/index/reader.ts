import type pg from 'pg';
import type { DagRunState } from '../../shared/states.ts';
import type { Micros } from '../sources/rows.ts';
import type { IndexedRun } from './rows.ts';

/** A run as the index knows it, with the name of its source. */
export interface FoundRun extends IndexedRun {
  source: string;
  source_id: number;
  at_us: Micros;
  /** Whether the source has a newer run with the same run_id. */
  replaced: boolean;
}

export interface FoundKey extends FoundRun {
  value: string;
}

export interface RunFilter {
  source?: string | undefined;
  dag_id?: string | undefined;
  state?: DagRunState | undefined;
  from?: Micros | undefined;
  to?: Micros | undefined;
}

export const COLUMNS = `s.name as source, r.source_id, r.at_us, r.id, d.dag_id, r.run_id, r.run_type, r.state, r.clear_number,
  r.logical_us, r.queued_us, r.start_us, r.end_us, r.counted_us, r.tasks_total, r.slowest_us, r.keys, r.replaced`;
export const JOINS = 'join dag d on d.id = r.dag join source s on s.id = r.source_id';
const NEWEST = 'r.at_us desc, r.source_id desc, r.id desc';
/** Later than any moment that is stored. */
export const FOREVER = 8e15;
/** Maximum number of newest runs to search for values of a key. */
const KEYS_LOOK_BACK = 50_000;

/** All SQL that reads the index for the API. */
export class IndexReader {
  constructor(private readonly pool: pg.Pool) {}

  /**
   * Runs with one of the values of a key, newest first, after a position. Each value scans its own part of the index. Planning takes
   * longer than that, so the statement is prepared. The inner select hides the number of values from the planner, which would
   * otherwise plan each call again.
   */
  async lookup(
    key: string,
    values: readonly string[],
    filter: Omit<RunFilter, 'state'>,
    after: readonly [number, number, number, string] | undefined,
    limit: number,
  ): Promise<FoundKey[]> {
    const [at, source, run, value] = after ?? [FOREVER, FOREVER, FOREVER, ''];
    const parameters = [
      key,
      values,
      Math.min(at, filter.to ?? FOREVER),
      filter.from ?? -FOREVER,
      at,
      source,
      run,
      value,
      limit,
    ];
    const dags = filter.dag_id === undefined ? '' : 'and r.dag = any(array(select id from dag where dag_id = $10))';
    const { rows } = await this.pool.query<FoundKey>(
      `select k.value, ${COLUMNS} from unnest((select $2::text[])) as wanted(value) cross join lateral (
         select rk.value, rk.at_us, rk.source_id, rk.run from run_key rk
         ${dags === '' ? '' : 'join run r on r.source_id = rk.source_id and r.id = rk.run'}
         where rk.key_id = (select id from business_key where key = $1) and rk.value = wanted.value
           and rk.at_us <= $3 and rk.at_us >= $4 and (rk.at_us, rk.source_id, rk.run, rk.value) < ($5, $6, $7, $8 || '') ${dags}
         order by rk.at_us desc, rk.source_id desc, rk.run desc limit $9) k
       join run r on r.source_id = k.source_id and r.id = k.run ${JOINS}
       order by k.at_us desc, k.source_id desc, k.run desc, k.value desc limit $9`,
      filter.dag_id === undefined ? parameters : [...parameters, filter.dag_id],
    );
    return rows;
  }

  /** Runs newest first, after a position. */
  async runs(
    filter: RunFilter,
    after: readonly [number, number, number] | undefined,
    limit: number,
  ): Promise<FoundRun[]> {
    const parameters: unknown[] = [];
    const bind = (given: unknown): string => `$${parameters.push(given)}`;
    const conditions = [
      filter.from === undefined ? [] : `r.at_us >= ${bind(filter.from)}`,
      filter.to === undefined ? [] : `r.at_us <= ${bind(filter.to)}`,
      filter.dag_id === undefined ? [] : `r.dag = any(array(select id from dag where dag_id = ${bind(filter.dag_id)}))`,
      filter.source === undefined ? [] : `r.source_id = (select id from source where name = ${bind(filter.source)})`,
      // A literal, so that the partial index of active runs can serve it.
      filter.state === undefined ? [] : `r.state = '${filter.state}'`,
      filter.state === 'queued' || filter.state === 'running' ? `r.state in ('queued', 'running')` : [],
      after === undefined ? [] : `(r.at_us, r.source_id, r.id) < (${after.map(bind).join(', ')})`,
    ].flat();
    const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
    const { rows } = await this.pool.query<FoundRun>(
      `select ${COLUMNS} from run r ${JOINS} ${where} order by ${NEWEST} limit ${bind(limit)}`,
      parameters,
    );
    return rows;
  }

  async run(source: string, dagId: string, runId: string): Promise<FoundRun | null> {
    const { rows } = await this.pool.query<FoundRun>(
      `select ${COLUMNS} from run r ${JOINS}
       where hashtext(r.run_id) = hashtext($3) and r.run_id = $3 and d.dag_id = $2 and s.name = $1 order by r.id desc limit 1`,
      [source, dagId, runId],
    );
    return rows[0] ?? null;
  }

  async runsByIds(source: string, ids: readonly number[]): Promise<FoundRun[]> {
    if (ids.length === 0) return [];
    const { rows } = await this.pool.query<FoundRun>(
      `select ${COLUMNS} from run r ${JOINS} where s.name = $1 and r.id = any($2::bigint[])`,
      [source, ids],
    );
    return rows;
  }

  /** Newest run of each DAG of a source. */
  async lastRuns(source: string, dagIds: readonly string[]): Promise<Map<string, FoundRun>> {
    const { rows } = await this.pool.query<FoundRun>(
      `select newest.* from source s0 join dag d0 on d0.source_id = s0.id cross join lateral (
         select ${COLUMNS} from run r ${JOINS} where r.dag = d0.id order by ${NEWEST} limit 1) newest
       where s0.name = $1 and d0.dag_id = any($2)`,
      [source, dagIds],
    );
    return new Map(rows.map((run) => [run.dag_id, run]));
  }

  /** Runs with the longest measured transitions, and the newest runs of the history, in which no transitions were measured. */
  async slowRuns(filter: RunFilter, limit: number, historyLimit: number): Promise<FoundRun[]> {
    const { from = -FOREVER, to = FOREVER, dag_id = null, source = null } = filter;
    const parameters = [from, to, dag_id, limit, historyLimit, source];
    const where = `r.at_us between $1 and $2 and ($3::text is null or r.dag = any(array(select id from dag where dag_id = $3)))
       and ($6::text is null or r.source_id = (select id from source where name = $6))`;
    const { rows } = await this.pool.query<FoundRun>(
      `(select ${COLUMNS} from run r ${JOINS} where r.slowest_us is not null and ${where} order by r.slowest_us desc limit $4)
       union all
       (select ${COLUMNS} from run r ${JOINS} where r.slowest_us is null and r.tasks_total is null and ${where} order by ${NEWEST} limit $5)`,
      parameters,
    );
    return rows;
  }

  /** Outages of one source, or of all. */
  async outages(
    { from = -FOREVER, to = FOREVER, source = null }: { from?: Micros; to?: Micros; source?: string | null },
    after: readonly [number, number] | undefined,
    limit: number,
  ): Promise<FoundOutage[]> {
    const { rows } = await this.pool.query<FoundOutage>(
      `select s.name as source, o.source_id, o.from_us, o.to_us from outage o join source s on s.id = o.source_id
       where o.from_us <= $2 and coalesce(o.to_us, $2) >= $1 and (o.from_us, o.source_id) < ($3, $4)
         and ($6::text is null or s.name = $6)
       order by o.from_us desc, o.source_id desc limit $5`,
      [from, to, after?.[0] ?? FOREVER, after?.[1] ?? FOREVER, limit, source],
    );
    return rows;
  }

  /** Runs that these outages delayed: for each outage, the longest delays first, up to a limit. */
  async delayedRuns(
    outages: readonly Pick<FoundOutage, 'source_id' | 'from_us'>[],
    limit: number,
  ): Promise<DelayedRun[]> {
    const { rows } = await this.pool.query<DelayedRun>(
      `select o.from_us, o.delayed_us, ${COLUMNS} from unnest($1::bigint[], $2::bigint[]) as wanted(source_id, from_us)
       cross join lateral (
         select * from outage_run o where o.source_id = wanted.source_id and o.from_us = wanted.from_us
          order by o.delayed_us desc limit $3) o
       join run r on r.source_id = o.source_id and r.id = o.run ${JOINS} order by o.delayed_us desc`,
      [outages.map(({ source_id }) => source_id), outages.map(({ from_us }) => from_us), limit],
    );
    return rows;
  }

  /** Business keys of runs. Each run is given by the id of its source and its own id. */
  async keysOf(runs: readonly (readonly [sourceId: number, id: number])[]): Promise<RunKeysFound> {
    const found: RunKeysFound = new Map();
    if (runs.length === 0) return found;
    const { rows } = await this.pool.query<{ source_id: number; id: number; keys: Record<string, string[]> | null }>(
      `select r.source_id, r.id, r.keys from unnest($1::bigint[], $2::bigint[]) as wanted(source_id, id)
       join run r on r.source_id = wanted.source_id and r.id = wanted.id`,
      [runs.map(([sourceId]) => sourceId), runs.map(([, id]) => id)],
    );
    for (const { source_id: sourceId, id, keys } of rows) {
      const ofSource = found.get(sourceId) ?? new Map<number, Record<string, string[]>>();
      found.set(sourceId, ofSource.set(id, keys ?? {}));
    }
    return found;
  }

  /** Distinct values of a key in the newest runs of a range, newest first. The number of runs that are searched is limited. */
  async recentValues(key: string, from: Micros, to: Micros, limit: number): Promise<string[]> {
    const { rows } = await this.pool.query<{ value: string }>(
      `select value from (
         select at_us, jsonb_array_elements_text(keys -> $1) as value from (
           select at_us, keys from (
             select at_us, keys from run where at_us between $2 and $3 order by at_us desc limit ${KEYS_LOOK_BACK}) looked_at
           where keys ? $1 order by at_us desc limit 10 * $4) newest
       ) found group by value order by max(at_us) desc limit $4`,
      [key, from, to, limit],
    );
    return rows.map((row) => row.value);
  }

  async ping(): Promise<void> {
    await this.pool.query('select 1');
  }
}

/** Business keys by source and run. */
export type RunKeysFound = Map<number, Map<number, Record<string, string[]>>>;

export interface DelayedRun extends FoundRun {
  /** Beginning of the outage. */
  from_us: Micros;
  delayed_us: Micros;
}

export interface FoundOutage {
  source: string;
  source_id: number;
  from_us: Micros;
  to_us: Micros | null;
}
