import type pg from 'pg';
import type { Micros } from '../sources/rows.ts';
import { COLUMNS, FOREVER, JOINS, type FoundRun } from './reader.ts';

export interface FoundStep extends FoundRun {
  /** 1 for a run that has not started, which comes last; otherwise 0. */
  waits: number;
  /** When it started or, if it has not started, was requested. */
  from_us: Micros;
  /** Latest end of the earlier runs: null for the first run, FOREVER while one of them is running. */
  busy_until: Micros | null;
}

export interface JourneyTotal {
  runs: number;
  first_us: Micros;
  last_us: Micros | null;
  gap_us: Micros;
}

/** Names a run that may be a parent; of any DAG if `dag_id` is null. */
export interface WantedRun {
  dag_id: string | null;
  run_id: string;
}

/** Runs of one source without a key that were requested within some intervals. */
export interface WithoutKey {
  runs: FoundRun[];
  /** Whether an interval has more runs than are examined. */
  isCut: boolean;
}

/** Maximum number of runs to examine in one interval, and to return in one answer. */
const LOOKED_AT = 5_000;
const MAX_FOUND = 1_000;

/** A run at work keeps the journey busy up to its end, or indefinitely while it runs; a queued one does not. */
const STEPS = `mine as (
    select rk.source_id, rk.run as id, r.state, r.at_us, (r.state = 'queued')::int as waits,
      case when r.state = 'queued' then r.at_us else coalesce(r.start_us, r.at_us) end as from_us,
      case r.state when 'queued' then null when 'running' then ${FOREVER}
        else coalesce(r.end_us, r.start_us, r.at_us) end::bigint as busy_us
    from run_key rk join run r on r.source_id = rk.source_id and r.id = rk.run
    where rk.key_id = (select id from business_key where key = $1) and rk.value = $2),
  steps as (
    select *, max(busy_us) over (order by waits, from_us, source_id, id rows between unbounded preceding and 1 preceding)
      as busy_until from mine)`;

/** All SQL that reads journeys: the runs of one value of a business key. */
export class JourneyReader {
  constructor(private readonly pool: pg.Pool) {}

  /** Runs in the order in which they started, after a position. */
  async steps(
    key: string,
    value: string,
    after: readonly [number, number, number, number] | undefined,
    limit: number,
  ): Promise<FoundStep[]> {
    const { rows } = await this.pool.query<FoundStep>(
      `with ${STEPS}, wanted as (select * from steps where (waits, from_us, source_id, id) > ($3::int, $4::bigint, $5::bigint, $6::bigint)
         order by waits, from_us, source_id, id limit $7)
       select w.waits, w.from_us, w.busy_until, ${COLUMNS} from wanted w
         join run r on r.source_id = w.source_id and r.id = w.id ${JOINS}
       order by w.waits, w.from_us, w.source_id, w.id`,
      [key, value, ...(after ?? [-1, 0, 0, 0]), limit],
    );
    return rows;
  }

  /** Null if there is no run. */
  async total(key: string, value: string): Promise<JourneyTotal | null> {
    const { rows } = await this.pool.query<JourneyTotal>(
      `with ${STEPS} select count(*)::int as runs, min(at_us) as first_us,
         case when bool_and(state not in ('queued', 'running')) then max(busy_us) end as last_us,
         coalesce(sum(from_us - busy_until) filter (where waits = 0 and busy_until < from_us), 0)::bigint as gap_us
       from steps`,
      [key, value],
    );
    return rows[0]!.runs === 0 ? null : rows[0]!;
  }

  async withoutKey(source: string, key: string, within: readonly { from: Micros; to: Micros }[]): Promise<WithoutKey> {
    const parameters = [source, within.map(({ from }) => from), within.map(({ to }) => to)];
    const looked = `unnest($2::bigint[], $3::bigint[]) as w(from_us, to_us) cross join lateral (select * from run
      where source_id = (select id from source where name = $1) and at_us between w.from_us and w.to_us
      order by at_us limit ${LOOKED_AT}) r`;
    const [found, most] = await Promise.all([
      this.pool.query<FoundRun>(
        `select distinct on (r.at_us, r.id) ${COLUMNS} from ${looked} ${JOINS} where not coalesce(r.keys ? $4, false)
         order by r.at_us, r.id limit ${MAX_FOUND}`,
        [...parameters, key],
      ),
      this.pool.query<{ runs: number | null }>(
        `select max(runs)::int as runs from (select count(*) as runs from ${looked} group by w.from_us, w.to_us) counted`,
        parameters,
      ),
    ]);
    const isCut = found.rows.length === MAX_FOUND || (most.rows[0]!.runs ?? 0) >= LOOKED_AT;
    return { runs: found.rows, isCut };
  }

  /**
   * Runs by name; `wanted` is the position in the list of names. There are at most two for each name, those of the source itself
   * first. Two runs mean that the name is ambiguous.
   */
  async named(source: string, names: readonly WantedRun[]): Promise<(FoundRun & { wanted: number })[]> {
    if (names.length === 0) return [];
    const { rows } = await this.pool.query<FoundRun & { wanted: number }>(
      `select w.n::int - 1 as wanted, found.* from unnest($2::text[], $3::text[]) with ordinality as w(dag_id, run_id, n)
       cross join lateral (select ${COLUMNS} from run r ${JOINS}
         where hashtext(r.run_id) = hashtext(w.run_id) and r.run_id = w.run_id and (w.dag_id is null or d.dag_id = w.dag_id)
         order by (s.name = $1) desc, r.id desc limit 2) found`,
      [source, names.map((name) => name.dag_id), names.map((name) => name.run_id)],
    );
    return rows;
  }
}
