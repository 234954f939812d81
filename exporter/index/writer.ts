import type pg from 'pg';
import { inTransaction } from '../../platform/postgres/transaction.ts';
import type { Bounds, Series } from '../metrics/series.ts';
import { INDEX_SCHEMA, remakeIndex } from './database.ts';
import { Lease, type Leadership } from './lease.ts';
import { Names } from './names.ts';
import { OutageBook } from './outageBook.ts';
import { loadRunRings, loadTaskRings, saveRings, type RingRow } from './usualRows.ts';
import { loadPromises, savePromises, type LoadedPromises } from './promiseRows.ts';
import type { Delta, EmittedTask, IndexedRun, Progress, SourceState } from './rows.ts';
import { addRuns, upsertRuns } from './runRows.ts';
import { dropRebucketed, loadSeries, removeGoneSeries, saveSeries } from './seriesRows.ts';
import { StaleStateError } from './staleState.ts';
import {
  COUNT_OUTAGES,
  DELETE_RUNS,
  PRUNE_BREAKS,
  PRUNE_OUTAGES,
  PRUNE_PROMISE_DAYS,
  PRUNE_RUNS,
  UPSERT_EMITTED,
  UPSERT_OUTAGE_RUNS,
} from './statements.ts';

/** Maximum number of rows of each kind that one transaction removes. */
const PRUNED_AT_ONCE = 5_000;

const STATE_COLUMNS = `id, fence, first_seen_us, watermark, gaps, history_top, history_cursor, history_bottom, database_oid,
  snapshot_xmax, read_until_us, kept_from_us`;

/** The state of a source in the index, as loaded at the start or after an interruption. */
export interface Loaded {
  state: SourceState;
  series: Series[];
  emitted: EmittedTask[];
  active: IndexedRun[];
}

/** Writes the index of one source. Each write is one transaction that is fenced by the row of the source. */
export class IndexWriter {
  private names: Names | null = null;
  private lease: Lease | null = null;

  constructor(
    private readonly pool: pg.Pool,
    readonly source: string,
    /** How long this exporter may write without renewing its lease. */
    private readonly leaseSeconds: number = 3,
  ) {}

  async load(bounds: Bounds): Promise<Loaded> {
    const { bounds: storedBounds, ...state } = await this.sourceRow(bounds);
    // Ids belong to the row of the source; a replaced database gets a new row.
    this.names = new Names(this.pool, state.id);
    if (this.lease?.sourceId !== state.id) this.lease = new Lease(this.pool, state.id, this.leaseSeconds);
    await dropRebucketed(this.pool, state.id, storedBounds, bounds);
    const { rows: emitted } = await this.pool.query<EmittedTask>(
      'select run, task_id, map_index, end_us, try_number, start_us from emitted_task where source_id = $1',
      [state.id],
    );
    return {
      state,
      series: await loadSeries(this.pool, state.id),
      emitted,
      active: await this.indexed(state.id, `r.state in ('queued', 'running')`, []),
    };
  }

  /** State of the source's promises, by name, so that it is available while the source itself is unreachable. */
  loadPromises(): Promise<LoadedPromises> {
    return loadPromises(this.pool, this.source);
  }

  /** The row of the source, created if necessary. It selects first, because an insert that conflicts would consume an id. */
  private async sourceRow(bounds: Bounds): Promise<SourceState & { bounds: Bounds }> {
    const find = async (): Promise<(SourceState & { bounds: Bounds }) | undefined> =>
      (
        await this.pool.query<SourceState & { bounds: Bounds }>(
          `select ${STATE_COLUMNS}, bounds from source where name = $1`,
          [this.source],
        )
      ).rows[0];
    const found = await find();
    if (found) return found;
    await this.pool.query('insert into source (name, bounds) values ($1, $2) on conflict (name) do nothing', [
      this.source,
      bounds,
    ]);
    return (await find())!;
  }

  /** Takes or renews the right to write, if no other exporter has it. Rejects with StaleStateError if the source's row is gone. */
  async lead(bounds: Bounds): Promise<Leadership> {
    this.lease ??= new Lease(this.pool, (await this.sourceRow(bounds)).id, this.leaseSeconds);
    const leadership = await this.lease.renew();
    if (leadership) return leadership;
    this.lease = null;
    throw new StaleStateError(`The index no longer has a row for source "${this.source}". It is created again.`);
  }

  /** Keeps the right to write until the returned function is called, however long a poll takes. */
  holdLead(): () => void {
    const timer = setInterval(() => void this.lease?.prolong().catch(() => undefined), (this.leaseSeconds * 1000) / 3);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** Gives up the right to write, so that another exporter need not wait until it expires. */
  async stepDown(): Promise<void> {
    await this.lease?.release();
  }

  /** Counters and histograms that were written after a fence; with 'all', all of them. */
  seriesSince(sourceId: number, fence: number | 'all'): Promise<Series[]> {
    return loadSeries(this.pool, sourceId, fence === 'all' ? -1 : fence);
  }

  /** Creates the schema again after it was dropped. */
  async recreate(): Promise<void> {
    this.lease = null;
    await remakeIndex(this.pool);
  }

  /** Usual durations of whole runs, of all DAGs. */
  runRings(): Promise<RingRow[]> {
    return loadRunRings(this.pool, this.source);
  }

  /** Usual durations of the tasks of some DAGs, and of their runs. */
  taskRings(dagIds: readonly string[]): Promise<RingRow[]> {
    return loadTaskRings(this.pool, this.source, dagIds);
  }

  outages(sourceId: number): OutageBook {
    return new OutageBook(this.pool, sourceId);
  }

  /** Runs in the index, by id. */
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

  /** Writes the delta of a poll. Rejects with StaleStateError and writes nothing if `state.fence` is not the newest. */
  async commit(state: SourceState, delta: Delta): Promise<SourceState> {
    const names = await this.namesOf(delta.runs);
    return inTransaction(this.pool, async (client) => {
      const next = await this.moveOn(client, state, delta.progress);
      await upsertRuns(client, state.id, delta.runs, names);
      await this.writeTasks(client, state.id, delta);
      await saveSeries(client, next, delta.series);
      await savePromises(client, state.id, delta.promises);
      await saveRings(client, state.id, delta.rings);
      if (delta.countedOutages.length > 0) await client.query(COUNT_OUTAGES, [state.id, delta.countedOutages]);
      if (delta.outageRuns.length > 0)
        await client.query(UPSERT_OUTAGE_RUNS, [state.id, JSON.stringify(delta.outageRuns)]);
      return next;
    });
  }

  /** Adds runs of the history, newest first. Runs that the index already has are more recent there and stay unchanged. */
  async commitHistory(
    state: SourceState,
    progress: Progress,
    runs: readonly IndexedRun[],
    changed: Iterable<Series>,
  ): Promise<SourceState> {
    const names = await this.namesOf(runs);
    return inTransaction(this.pool, async (client) => {
      const next = await this.moveOn(client, state, progress);
      await addRuns(client, state.id, runs, names);
      await saveSeries(client, next, changed);
      return next;
    });
  }

  /** Removes a batch of rows older than `progress.kept_from_us`, and the series of DAGs that were deleted long ago. */
  prune(
    state: SourceState,
    progress: Progress,
    isGone: (dagId: string) => boolean,
  ): Promise<{ state: SourceState; removed: Pick<Series, 'metric' | 'labels'>[] }> {
    return inTransaction(this.pool, async (client) => {
      const next = await this.moveOn(client, state, progress);
      // Replaced databases of this source are kept under its name with a suffix.
      const { rows } = await client.query<{ id: number }>(
        `select id from source where id = $1 or starts_with(name, $2 || ' until ')`,
        [state.id, this.source],
      );
      const ids = rows.map(({ id }) => id);
      for (const statement of [PRUNE_RUNS, PRUNE_BREAKS, PRUNE_PROMISE_DAYS])
        await client.query(statement, [ids, progress.kept_from_us, PRUNED_AT_ONCE]);
      await client.query(PRUNE_OUTAGES, [ids, progress.kept_from_us]);
      return { state: next, removed: await removeGoneSeries(client, state.id, isGone) };
    });
  }

  /**
   * Vacuums the tables after millions of new rows, so that lookups can use index-only scans and need not set hint bits. Stops when
   * `signal` aborts. If it fails, autovacuum does the same later.
   */
  async tidy(signal: AbortSignal): Promise<void> {
    const client = await this.pool.connect();
    const giveUp = (): void => client.release(true);
    signal.addEventListener('abort', giveUp);
    try {
      await client.query(`vacuum (analyze) ${INDEX_SCHEMA}.run, ${INDEX_SCHEMA}.run_key`);
    } finally {
      signal.removeEventListener('abort', giveUp);
      if (!signal.aborted) client.release();
    }
  }

  /**
   * Archives a source whose database has been replaced by another one, in which the same ids mean other runs. Indexed runs stay
   * under a name with a suffix; the counters continue under the old name.
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
    const names = this.loaded(this.names);
    await names.learn(runs);
    return names;
  }

  private loaded<Part>(part: Part | null): Part {
    if (part === null) throw new Error('The index of a source must be loaded before it is used.');
    return part;
  }

  /** Locks the row of the source until the end of the transaction, and extends the lease. */
  private async moveOn(client: pg.PoolClient, state: SourceState, progress: Progress): Promise<SourceState> {
    const lease = this.loaded(this.lease);
    const { rows } = await client.query<SourceState>(
      `update source set fence = fence + 1, first_seen_us = $3, watermark = $4, gaps = $5, history_top = $6,
         history_cursor = $7, history_bottom = $8, database_oid = $9, snapshot_xmax = $10, read_until_us = $11,
         kept_from_us = $12, leader = $13, leader_until = clock_timestamp() + $14 * interval '1 second'
       where id = $1 and fence = $2 and (leader is null or leader = $13) returning ${STATE_COLUMNS}`,
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
        progress.read_until_us,
        progress.kept_from_us,
        lease.holder,
        lease.seconds,
      ],
    );
    if (rows[0]) return rows[0];
    throw new StaleStateError(
      `Another exporter has written the index of source "${this.source}". The state is reloaded.`,
    );
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
