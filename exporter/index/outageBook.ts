import type pg from 'pg';
import type { OutageInterval } from '../flow/outages.ts';

/** All SQL on the outages of one source. */
export class OutageBook {
  constructor(
    private readonly pool: pg.Pool,
    private readonly sourceId: number,
  ) {}

  /** Opens, extends and closes outages. Ended outages that are no longer found stay unchanged. */
  async write(outages: readonly OutageInterval[], overAtUs: number): Promise<void> {
    const open = outages.find((outage) => outage.to === null);
    await this.pool.query(
      `update outage set to_us = greatest(from_us + 1, $3) where source_id = $1 and to_us is null and from_us is distinct from $2`,
      [this.sourceId, open?.from ?? null, overAtUs],
    );
    if (outages.length === 0) return;
    await this.pool.query(
      `insert into outage (source_id, from_us, to_us)
       select $1, o."from", o."to" from json_to_recordset($2) as o("from" bigint, "to" bigint)
       on conflict (source_id, from_us) do update set to_us = excluded.to_us where outage.to_us is distinct from excluded.to_us`,
      [this.sourceId, JSON.stringify(outages)],
    );
  }

  /** Outages that are ongoing or ended after a moment, oldest first. */
  async since(us: number): Promise<OutageInterval[]> {
    const { rows } = await this.pool.query<OutageInterval>(
      `select from_us as "from", to_us as "to" from outage where source_id = $1 and (to_us is null or to_us > $2) order by from_us`,
      [this.sourceId, us],
    );
    return rows;
  }

  /** Start times of the outages that are not counted yet. */
  async uncounted(): Promise<number[]> {
    const { rows } = await this.pool.query<{ from_us: number }>(
      'select from_us from outage where source_id = $1 and not counted',
      [this.sourceId],
    );
    return rows.map((row) => row.from_us);
  }
}
