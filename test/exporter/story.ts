import type pg from 'pg';
import { declareHistory, type Client, type SimulatedRows } from './simulatedRows.ts';
import { ENDED, type PlannedRun, type Simulation } from './simulation.ts';

/** Runs that change state together. */
interface Batch {
  ids: number[];
  runs: PlannedRun[];
  level: number;
  /** Whether a poll has read all of it since it ended, so that what is deleted from now on has been counted. */
  seen: boolean;
  /** Whether it was cleared, so that its rows have only the newest end. */
  cleared: boolean;
  /** Whether a poll has seen it active since it was cleared. */
  watched: boolean;
}

/**
 * What happens in a scheduler's database, step by step: runs appear at once or in parts, in transactions that may commit some
 * steps later. They progress, end, are cleared and end again, or are deleted.
 */
export class Story {
  made = 0;
  private active: Batch[] = [];
  private ended: Batch[] = [];
  private late: { client: pg.PoolClient; batch: Batch; steps: number }[] = [];

  constructor(
    private readonly pool: pg.Pool,
    private readonly simulation: Simulation,
    private readonly rows: SimulatedRows,
    private readonly batchSize: number,
  ) {}

  get random(): () => number {
    return this.simulation.random;
  }

  get unfinished(): number {
    return this.active.length + this.late.length;
  }

  /** History and active runs from before the first poll. */
  async begin(): Promise<void> {
    await this.rows.prepare();
    await this.insert(this.pool, ENDED);
    this.active.push(await this.insert(this.pool, 1));
    await declareHistory(this.pool);
  }

  async step(more: boolean): Promise<void> {
    await this.rows.follow();
    if (more) await this.arrive();
    await this.commitLate(!more);
    await this.advance();
    await this.lose();
  }

  allSeen(): void {
    for (const batch of this.ended) batch.seen = true;
    for (const batch of this.active) batch.watched = true;
  }

  private async insert(client: Client, level: number): Promise<Batch> {
    const runs = this.simulation.plan(this.batchSize);
    this.made += runs.length;
    return {
      ids: await this.rows.insert(client, runs, level),
      runs,
      level,
      seen: false,
      cleared: false,
      watched: false,
    };
  }

  private async arrive(): Promise<void> {
    const luck = this.random();
    if (luck < 0.25) return this.arriveLate();
    this.place(await this.insert(this.pool, luck < 0.6 ? ENDED : Math.floor(this.random() * ENDED)));
  }

  private async arriveLate(): Promise<void> {
    const client = await this.pool.connect();
    await client.query('begin');
    const batch = await this.insert(client, this.random() < 0.5 ? ENDED : 2);
    this.late.push({ client, batch, steps: 1 + Math.floor(this.random() * 4) });
  }

  private place(batch: Batch): void {
    (batch.level === ENDED ? this.ended : this.active).push(batch);
  }

  private async commitLate(all: boolean): Promise<void> {
    for (const entry of this.late) entry.steps -= 1;
    const due = this.late.filter((entry) => all || entry.steps <= 0 || this.late.length > 2);
    this.late = this.late.filter((entry) => !due.includes(entry));
    for (const { client, batch } of due) {
      await client.query('commit');
      client.release();
      this.place(batch);
    }
  }

  private async advance(): Promise<void> {
    const moving = this.active.filter(() => this.random() < 0.6);
    this.active = this.active.filter((batch) => !moving.includes(batch));
    for (const batch of moving) {
      const to = Math.min(ENDED, batch.level + 1 + Math.floor(this.random() * 2));
      await this.rows.advance(this.pool, batch.ids, batch.runs, batch.level, to);
      this.place({ ...batch, level: to, seen: false });
    }
  }

  private async lose(): Promise<void> {
    // A batch that was cleared and ended again while polls failed is left for the sweep to find. Its end is in no
    // other place than its rows, so it could not be counted if these were deleted first.
    const seen = this.ended.filter((batch) => batch.seen && (!batch.cleared || batch.watched));
    if (seen.length <= 3) return;
    const batch = seen[Math.floor(this.random() * seen.length)]!;
    this.ended = this.ended.filter((other) => other !== batch);
    if (this.random() < 0.5) return this.rows.clean(batch.ids);
    await this.rows.clear(batch.ids, this.simulation.cleared);
    this.active.push({
      ...batch,
      runs: batch.runs.map((run) => this.simulation.secondEnding(run)),
      level: 2,
      seen: false,
      cleared: true,
      watched: false,
    });
  }
}
