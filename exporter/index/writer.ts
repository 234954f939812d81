import type pg from 'pg';
import type { Bounds, Series } from '../metrics/series.ts';
import { Names } from './names.ts';
import { OutageBook } from './outageBook.ts';
import type { Delta, EmittedTask, IndexedRun, Progress, SourceState } from './rows.ts';
import { addRuns, upsertRuns } from './runRows.ts';
import { dropRebucketed, loadSeries, saveSeries } from './seriesRows.ts';
import { DELETE_RUNS, UPSERT_EMITTED, UPSERT_OUTAGE_RUNS } from './statements.ts';

/** Another exporter has written for this source since; what was read is stale and must be read again. */
export class FencedError extends Error {}

/** What the index holds of a source when its observation begins or is taken up again. */
export interface Loaded {
  state: SourceState;
  series: Series[];
  emitted: EmittedTask[];
  active: IndexedRun[];
}

/** Writes what is learnt of one source, each time in one transaction that is fenced by the row of the source. */
export class IndexWriter {
  private names: Names | null = null;

  constructor(
    private readonly pool: pg.Pool,
    readonly source: string,
  ) {}

  async load(bounds: Bounds): Promise<Loaded> {
    await this.pool.query(`insert into source (name, bounds) values ($1, $2) on conflict (name) do nothing`, [
      this.source,
      bounds,
    ]);
    const { rows } = await this.pool.query<SourceState & { bounds: Bounds }>('select * from source where name = $1', [
      this.source,
    ]);
    const { bounds: storedBounds, ...state } = rows[0]!;
    // Ids belong to the row of the source, which a replaced database gets anew.
    this.names = new Names(this.pool, state.id);
    await dropRebucketed(this.pool, state.id, storedBounds, bounds);
    const { rows: emitted } = await this.pool.query<EmittedTask>(
      'select run, task_id, map_index, end_us from emitted_task where source_id = $1',
      [state.id],
    );
    return {
      state,
      series: await loadSeries(this.pool, state.id),
      emitted,
      active: await this.indexed(state.id, `r.state in ('queued', 'running')`, []),
    };
  }

  outages(sourceId: number): OutageBook {
    return new OutageBook(this.pool, sourceId);
  }

  /** What the index holds of runs, by id. */
  runsById(sourceId: number, ids: readonly number[]): Promise<IndexedRun[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.indexed(sourceId, 'r.id = any($2::bigint[])', [ids]);
  }

  private async indexed(sourceId: number, condition: string, parameters: unknown[]): Promise<IndexedRun[]> {
    const { rows } = await this.pool.query<IndexedRun>(
      `select r.id, d.dag_id, r.run_id, r.run_type, r.state, r.clear_number, r.logical_us, r.queued_us, r.start_us, r.end_us,
         r.counted_us, r.tasks_total, r.slowest_us, r.keys
       from run r join dag d on d.id = r.dag where r.source_id = $1 and ${condition}`,
      [sourceId, ...parameters],
    );
    return rows;
  }

  /** Writes a poll's delta. Rejects with FencedError, and writes nothing, when `state.fence` is not the newest. */
  async commit(state: SourceState, delta: Delta): Promise<SourceState> {
    const names = await this.namesOf(delta.runs);
    return this.inTransaction(async (client) => {
      const next = await this.moveOn(client, state, delta.progress);
      await upsertRuns(client, state.id, delta.runs, names);
      await this.writeTasks(client, state.id, delta);
      await saveSeries(client, state.id, delta.series);
      if (delta.outageRuns.length > 0)
        await client.query(UPSERT_OUTAGE_RUNS, [state.id, JSON.stringify(delta.outageRuns)]);
      return next;
    });
  }

  /** Adds runs of the history, newest first; those that the index has already are newer there and stay as they are. */
  async commitHistory(
    state: SourceState,
    progress: Progress,
    runs: readonly IndexedRun[],
    changed: Iterable<Series>,
  ): Promise<SourceState> {
    const names = await this.namesOf(runs);
    return this.inTransaction(async (client) => {
      const next = await this.moveOn(client, state, progress);
      await addRuns(client, state.id, runs, names);
      await saveSeries(client, state.id, changed);
      return next;
    });
  }

  /**
   * After millions of new rows: lookups need not visit rows to learn that they are visible, nor write that down. Given up
   * when `signal` aborts, and left to autovacuum when it fails.
   */
  async tidy(signal: AbortSignal): Promise<void> {
    const client = await this.pool.connect();
    const giveUp = (): void => client.release(true);
    signal.addEventListener('abort', giveUp);
    try {
      await client.query('vacuum (analyze) run, run_key');
    } finally {
      signal.removeEventListener('abort', giveUp);
      if (!signal.aborted) client.release();
    }
  }

  /**
   * Closes the book of a source whose database has been replaced by another one, in which the ids mean other runs: what
   * was indexed stays under a name that says so, the counters go on under the old name.
   */
  async supersede(sourceId: number): Promise<void> {
    await this.pool.query(
      `with old as (update source set name = name || ' until ' || to_char(now() at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
          fence = fence + 1 where id = $1 and name = $2 returning bounds),
        new as (insert into source (name, bounds) select $2, bounds from old returning id)
      update series set source_id = new.id from new where series.source_id = $1`,
      [sourceId, this.source],
    );
  }

  private async namesOf(runs: readonly IndexedRun[]): Promise<Names> {
    if (!this.names) throw new Error('The index of a source is written only after it has been loaded.');
    await this.names.learn(runs);
    return this.names;
  }

  private async inTransaction<Result>(write: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      const result = await write(client);
      await client.query('commit');
      client.release();
      return result;
    } catch (error) {
      // The connection may be in the middle of anything; a new one is cheaper than finding out.
      client.release(true);
      throw error;
    }
  }

  private async moveOn(client: pg.PoolClient, state: SourceState, progress: Progress): Promise<SourceState> {
    const { rows } = await client.query<SourceState>(
      `update source set fence = fence + 1, first_seen_us = $3, watermark = $4, gaps = $5, history_top = $6,
         history_cursor = $7, history_bottom = $8, database_oid = $9, snapshot_xmax = $10
       where id = $1 and fence = $2 returning *`,
      [
        state.id,
        state.fence,
        progress.first_seen_us,
        progress.watermark,
        JSON.stringify(progress.gaps),
        progress.history_top,
        progress.history_cursor,
        progress.history_bottom,
        progress.database_oid,
        progress.snapshot_xmax,
      ],
    );
    if (!rows[0])
      throw new FencedError(`Another exporter writes the index of source "${this.source}"; reading its state anew.`);
    return rows[0];
  }

  private async writeTasks(client: pg.PoolClient, sourceId: number, delta: Delta): Promise<void> {
    const forgotten = [...delta.settledRuns, ...delta.deletedRuns];
    if (forgotten.length > 0) {
      await client.query('delete from emitted_task where source_id = $1 and run = any($2::bigint[])', [
        sourceId,
        forgotten,
      ]);
    }
    if (delta.deletedRuns.length > 0) await client.query(DELETE_RUNS, [sourceId, delta.deletedRuns]);
    if (delta.emitted.length > 0) await client.query(UPSERT_EMITTED, [sourceId, JSON.stringify(delta.emitted)]);
  }
}
