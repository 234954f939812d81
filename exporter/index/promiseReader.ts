import type pg from 'pg';
import type { PromiseKind } from '../../shared/api.ts';
import type { Micros } from '../sources/rows.ts';

export interface FoundDay {
  source: string;
  promise: string;
  dag_id: string;
  /** YYYY-MM-DD, UTC. */
  day: string;
  kept: number;
  broken: number;
}

export interface FoundBreak {
  id: number;
  source: string;
  promise: string;
  kind: PromiseKind;
  dag_id: string;
  at_us: Micros;
  run: number | null;
  day: string | null;
  key: string | null;
  value: string | null;
}

export interface BreakFilter {
  source?: string | undefined;
  promise?: string | undefined;
  dag_id?: string | undefined;
  /** Of a journey: the business key and its value. */
  key?: string | undefined;
  value?: string | undefined;
  from?: Micros | undefined;
  to?: Micros | undefined;
}

/** All SQL that reads verdicts for the API. */
export class PromiseReader {
  constructor(private readonly pool: pg.Pool) {}

  /** Verdicts for each day (UTC) since a given one, for pairs of promise and DAG; oldest first. */
  async days(source: string, of: readonly { promise: string; dag_id: string }[], since: string): Promise<FoundDay[]> {
    if (of.length === 0) return [];
    const { rows } = await this.pool.query<FoundDay>(
      `select $1 as source, d.promise, d.dag_id, d.day::text as day, d.kept, d.broken
       from unnest($2::text[], $3::text[]) as w(promise, dag_id)
       join promise_day d on d.source_id = (select id from source where name = $1) and d.promise = w.promise and d.dag_id = w.dag_id
       where d.day >= $4::date order by d.day`,
      [source, of.map((one) => one.promise), of.map((one) => one.dag_id), since],
    );
    return rows;
  }

  /** Breaks after a position, newest first. */
  async breaks(
    filter: BreakFilter,
    after: readonly [number, number] | undefined,
    limit: number,
  ): Promise<FoundBreak[]> {
    const parameters: unknown[] = [];
    const bind = (given: unknown): string => `$${parameters.push(given)}`;
    const conditions = [
      filter.source === undefined ? [] : `b.source_id = (select id from source where name = ${bind(filter.source)})`,
      filter.promise === undefined ? [] : `b.promise = ${bind(filter.promise)}`,
      filter.dag_id === undefined ? [] : `b.dag_id = ${bind(filter.dag_id)}`,
      filter.key === undefined ? [] : `b.key = ${bind(filter.key)}`,
      filter.value === undefined ? [] : `b.value = ${bind(filter.value)}`,
      filter.from === undefined ? [] : `b.at_us >= ${bind(filter.from)}`,
      filter.to === undefined ? [] : `b.at_us <= ${bind(filter.to)}`,
      after === undefined ? [] : `(b.at_us, b.id) < (${after.map(bind).join(', ')})`,
    ].flat();
    const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
    const { rows } = await this.pool.query<FoundBreak>(
      `select b.id, s.name as source, b.promise, b.kind, b.dag_id, b.at_us, b.run, b.day, b.key, b.value
       from promise_break b join source s on s.id = b.source_id ${where} order by b.at_us desc, b.id desc limit ${bind(limit)}`,
      parameters,
    );
    return rows;
  }
}
