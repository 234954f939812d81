import type pg from 'pg';
import { METRICS, type MetricDefinition, type MetricKey } from '../../shared/metrics.ts';
import type { Bounds, Series } from '../metrics/series.ts';
import type { OutageInterval } from '../flow/outages.ts';
import { DELETE_RUNS, insertRuns, KEEP_RUN, UPDATE_RUN, UPSERT_EMITTED, UPSERT_SERIES } from './statements.ts';
import type { Delta, EmittedTask, IndexedRun, Progress, SourceState } from './rows.ts';

/** Another exporter has written for this source since; what was read is stale and must be read again. */
export class FencedError extends Error {}

/** All SQL that writes the index. One instance per source. */
export class IndexWriter {
  private readonly dags = new Map<string, number>();
  private readonly keyIds = new Map<string, number>();

  constructor(
    private readonly pool: pg.Pool,
    readonly source: string,
  ) {}

  async load(
    bounds: Bounds,
  ): Promise<{ state: SourceState; series: Series[]; emitted: EmittedTask[]; active: IndexedRun[] }> {
    await this.pool.query(`insert into source (name, bounds) values ($1, $2) on conflict (name) do nothing`, [
      this.source,
      bounds,
    ]);
    const { rows } = await this.pool.query<SourceState & { bounds: Bounds }>('select * from source where name = $1', [
      this.source,
    ]);
    const { bounds: storedBounds, ...state } = rows[0]!;
    await this.dropRebucketed(state.id, storedBounds, bounds);
    const { rows: series } = await this.pool.query<{
      metric: string;
      labels: string[];
      count: number;
      sum_us: number;
      buckets: number[];
    }>('select metric, labels, count, sum_us, buckets from series where source_id = $1', [state.id]);
    const { rows: emitted } = await this.pool.query<EmittedTask>(
      'select run, task_id, map_index, end_us from emitted_task where source_id = $1',
      [state.id],
    );
    return {
      state,
      series: series.flatMap(seriesOf),
      emitted,
      active: await this.indexed(state.id, `r.state in ('queued', 'running')`, []),
    };
  }

  /** Buckets counted with other bounds can't be told apart again; such a histogram starts anew, as after a reset. */
  private async dropRebucketed(sourceId: number, stored: Bounds, wanted: Bounds): Promise<void> {
    const changed = (Object.keys(wanted) as MetricKey[]).filter(
      (metric) => JSON.stringify(stored[metric]) !== JSON.stringify(wanted[metric]),
    );
    if (changed.length === 0) return;
    const names = changed.map((metric) => METRICS[metric].name);
    await this.pool.query(
      `with gone as (delete from series where source_id = $1 and metric = any($2)) update source set bounds = $3 where id = $1`,
      [sourceId, names, wanted],
    );
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
    await this.learnDags(state.id, delta.runs);
    await this.learnKeys(delta.runs);
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      const next = await this.moveOn(client, state, delta.progress);
      await this.writeRuns(client, state.id, delta.runs);
      await this.writeTasks(client, state.id, delta);
      await this.writeSeries(client, state.id, delta.series);
      await this.writeOutageRuns(client, state.id, delta.outageRuns);
      await client.query('commit');
      client.release();
      return next;
    } catch (error) {
      // The connection may be in the middle of anything; a new one is cheaper than finding out.
      client.release(true);
      throw error;
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

  /** Adds runs of the history; those that the index has already are newer there and stay as they are. */
  async commitHistory(
    state: SourceState,
    progress: Progress,
    runs: readonly IndexedRun[],
    changed: Iterable<Series>,
  ): Promise<SourceState> {
    await this.learnDags(state.id, runs);
    await this.learnKeys(runs);
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      const next = await this.moveOn(client, state, progress);
      await this.writeRuns(client, state.id, runs, KEEP_RUN);
      await this.writeSeries(client, state.id, changed);
      await client.query('commit');
      client.release();
      return next;
    } catch (error) {
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

  private async writeRuns(
    client: pg.PoolClient,
    sourceId: number,
    runs: readonly IndexedRun[],
    onConflict = UPDATE_RUN,
  ): Promise<void> {
    if (runs.length === 0) return;
    const rows = runs.map((run) => this.storedRun(run));
    await client.query(insertRuns(onConflict), [sourceId, JSON.stringify(rows)]);
  }

  private storedRun(run: IndexedRun): StoredRun {
    const found = run.keys === null ? [] : pairsOf(run.keys, this.keyIds);
    return {
      id: run.id,
      dag: this.dags.get(run.dag_id)!,
      at_us: run.queued_us ?? run.start_us ?? run.logical_us ?? 0,
      clear_number: run.clear_number,
      logical_us: run.logical_us,
      queued_us: run.queued_us,
      start_us: run.start_us,
      end_us: run.end_us,
      counted_us: run.counted_us,
      tasks_total: run.tasks_total,
      slowest_us: run.slowest_us,
      run_type: run.run_type,
      state: run.state,
      run_id: run.run_id,
      keys: found.length > 0 ? run.keys : null,
      found: found.length > 0 ? found : null,
    };
  }

  private async writeTasks(client: pg.PoolClient, sourceId: number, delta: Delta): Promise<void> {
    const forgotten = [...delta.settledRuns, ...delta.deletedRuns];
    if (forgotten.length > 0) {
      await client.query('delete from emitted_task where source_id = $1 and run = any($2::bigint[])', [
        sourceId,
        forgotten,
      ]);
    }
    if (delta.deletedRuns.length > 0) {
      await client.query(DELETE_RUNS, [sourceId, delta.deletedRuns]);
    }
    if (delta.emitted.length > 0) await client.query(UPSERT_EMITTED, [sourceId, JSON.stringify(delta.emitted)]);
  }

  private async writeSeries(client: pg.PoolClient, sourceId: number, changed: Iterable<Series>): Promise<void> {
    const rows = [...changed].map((series) => ({
      metric: METRICS[series.metric].name,
      labels: series.labels,
      count: series.count,
      sum_us: series.sumUs,
      buckets: series.buckets,
    }));
    if (rows.length > 0) await client.query(UPSERT_SERIES, [sourceId, JSON.stringify(rows)]);
  }

  private async writeOutageRuns(client: pg.PoolClient, sourceId: number, runs: Delta['outageRuns']): Promise<void> {
    if (runs.length === 0) return;
    await client.query(
      `insert into outage_run (source_id, from_us, run, delayed_us)
       select $1, r.from_us, r.run, r.delayed_us from json_to_recordset($2) as r(from_us bigint, run bigint, delayed_us bigint)
       on conflict (source_id, from_us, run) do update set delayed_us = excluded.delayed_us`,
      [sourceId, JSON.stringify(runs)],
    );
  }

  /** Opens, prolongs and closes outages; those that are over and not found any more stay as they were. */
  async writeOutages(sourceId: number, outages: readonly OutageInterval[], overAtUs: number): Promise<void> {
    const open = outages.find((outage) => outage.to === null);
    await this.pool.query(
      `update outage set to_us = greatest(from_us + 1, $3) where source_id = $1 and to_us is null and from_us is distinct from $2`,
      [sourceId, open?.from ?? null, overAtUs],
    );
    if (outages.length === 0) return;
    await this.pool.query(
      `insert into outage (source_id, from_us, to_us)
       select $1, o."from", o."to" from json_to_recordset($2) as o("from" bigint, "to" bigint)
       on conflict (source_id, from_us) do update set to_us = excluded.to_us where outage.to_us is distinct from excluded.to_us`,
      [sourceId, JSON.stringify(outages)],
    );
  }

  /** Outages that still last or ended after a moment, oldest first. */
  async outagesSince(sourceId: number, us: number): Promise<OutageInterval[]> {
    const { rows } = await this.pool.query<OutageInterval>(
      `select from_us as "from", to_us as "to" from outage where source_id = $1 and (to_us is null or to_us > $2) order by from_us`,
      [sourceId, us],
    );
    return rows;
  }

  async endedOutages(sourceId: number): Promise<number> {
    const { rows } = await this.pool.query<{ ended: number }>(
      'select count(*) as ended from outage where source_id = $1 and to_us is not null',
      [sourceId],
    );
    return rows[0]!.ended;
  }

  private async learnDags(sourceId: number, runs: readonly IndexedRun[]): Promise<void> {
    const unknown = [...new Set(runs.map((run) => run.dag_id))].filter((dagId) => !this.dags.has(dagId));
    if (unknown.length === 0) return;
    await this.pool.query(
      'insert into dag (source_id, dag_id) select $1, unnest($2::text[]) on conflict (source_id, dag_id) do nothing',
      [sourceId, unknown],
    );
    const { rows } = await this.pool.query<{ id: number; dag_id: string }>(
      'select id, dag_id from dag where source_id = $1 and dag_id = any($2)',
      [sourceId, unknown],
    );
    for (const { id, dag_id } of rows) this.dags.set(dag_id, id);
  }

  private async learnKeys(runs: readonly IndexedRun[]): Promise<void> {
    const unknown = [...keysOf(runs)].filter((key) => !this.keyIds.has(key));
    if (unknown.length === 0) return;
    await this.pool.query('insert into business_key (key) select unnest($1::text[]) on conflict (key) do nothing', [
      unknown,
    ]);
    const { rows } = await this.pool.query<{ id: number; key: string }>(
      'select id, key from business_key where key = any($1)',
      [unknown],
    );
    for (const { id, key } of rows) this.keyIds.set(key, id);
  }
}

interface StoredRun extends Omit<IndexedRun, 'dag_id'> {
  dag: number;
  at_us: number;
  found: [number, string][] | null;
}

function keysOf(runs: readonly IndexedRun[]): Set<string> {
  const names = new Set<string>();
  for (const { keys } of runs) for (const key in keys) names.add(key);
  return names;
}

function pairsOf(keys: Record<string, string[]>, ids: ReadonlyMap<string, number>): [number, string][] {
  const pairs: [number, string][] = [];
  for (const key in keys) for (const value of keys[key]!) pairs.push([ids.get(key)!, value]);
  return pairs;
}

const KEY_BY_NAME = new Map(
  (Object.entries(METRICS) as [MetricKey, MetricDefinition][]).map(([key, metric]) => [metric.name, key] as const),
);

/** A series of a metric that this version does not know is left in the database and out of the answer. */
function seriesOf(row: {
  metric: string;
  labels: string[];
  count: number;
  sum_us: number;
  buckets: number[];
}): Series[] {
  const metric = KEY_BY_NAME.get(row.metric);
  return metric ? [{ metric, labels: row.labels, count: row.count, sumUs: row.sum_us, buckets: row.buckets }] : [];
}
