import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** Whether this exporter leads a source, and how far the leader has read. */
export interface Leadership {
  leads: boolean;
  /** Milliseconds until the leader's lease ends unless it is renewed. */
  endsInMs: number;
  /** Source.fence: changes with every write of the leader. */
  fence: number;
  pruned: number;
  read_until_us: number | null;
}

/**
 * The right to write the index of one source, stored in columns of its row. It expires by the clock of the index's database unless
 * it is renewed, so it needs no session and works through any pooler.
 */
export class Lease {
  readonly holder = randomUUID();

  constructor(
    private readonly pool: pg.Pool,
    readonly sourceId: number,
    /** Duration in seconds. */
    readonly seconds: number,
  ) {}

  /** Takes or renews the lease if no other exporter holds it. Null if the source no longer has a row. */
  async renew(): Promise<Leadership | null> {
    await this.pool.query(
      `update source set leader = $2, leader_until = clock_timestamp() + $3 * interval '1 second'
       where id = $1 and (leader = $2 or leader is null or leader_until < clock_timestamp())`,
      [this.sourceId, this.holder, this.seconds],
    );
    const { rows } = await this.pool.query<Leadership>(
      `select leader = $2 as leads, fence, pruned, read_until_us,
         (greatest(0, extract(epoch from leader_until - clock_timestamp())) * 1000)::float8 as "endsInMs"
       from source where id = $1`,
      [this.sourceId, this.holder],
    );
    return rows[0] ?? null;
  }

  /** Extends the lease during work that takes longer than the lease. Does nothing if another exporter holds it. */
  async prolong(): Promise<void> {
    await this.pool.query(
      `update source set leader_until = clock_timestamp() + $3 * interval '1 second' where id = $1 and leader = $2`,
      [this.sourceId, this.holder, this.seconds],
    );
  }

  /** Lets the next exporter take over immediately. */
  async release(): Promise<void> {
    await this.pool.query('update source set leader = null, leader_until = null where id = $1 and leader = $2', [
      this.sourceId,
      this.holder,
    ]);
  }
}
