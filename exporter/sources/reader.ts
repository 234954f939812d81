import { us, type Dialect, type LogRow, type LogWish } from './dialect.ts';
import { groupedBy } from '../../shared/groupedBy.ts';
import { limitsOf, type KnownLimit, type LimitRow } from './airflowLimits.ts';
import { HealthReader } from './healthReader.ts';
import type { KeyRules } from './keys.ts';
import { rowsOf, type Client } from './query.ts';
import type {
  AssetParentRow,
  AttemptRow,
  BackfillRow,
  DagRow,
  DueRow,
  KeyedRunRow,
  OriginRow,
  PastTaskRow,
  PokeRow,
  PoolRow,
  PreviousTaskRow,
  RunRef,
  RunRow,
  Snapshot,
  TaskRow,
  TaskStateRow,
  Traced,
} from './rows.ts';
import { stampQuery } from './runStamp.ts';
import { snapshotQuery } from './snapshotQuery.ts';
import { StructureReader } from './structureReader.ts';
import { readTasks, TASK_COLUMNS, traced } from './taskQuery.ts';

/** SQLSTATE insufficient_privilege. */
const NOT_PERMITTED = '42501';

const MAX_ORIGIN_BYTES = 16 * 1024;

/**
 * Reads one observed database through its dialect. Every query uses an index that all versions have: for dag_run, the primary key or
 * the partial indexes on running and queued; for task_instance, ti_dag_run. Nothing is ever written.
 */
export class SourceReader {
  /** Schedulers and the other components, and what is broken. */
  readonly health: HealthReader;
  readonly structures: StructureReader;

  constructor(
    private readonly client: Client,
    readonly dialect: Dialect,
    private readonly rules: KeyRules,
  ) {
    this.health = new HealthReader(client, dialect);
    this.structures = new StructureReader(client, dialect);
  }

  async snapshot(): Promise<Snapshot> {
    const [row] = await this.rows<Snapshot>(snapshotQuery);
    return row!;
  }

  async idRange(): Promise<{ min: number; max: number }> {
    const table = this.dialect.runTable;
    const [row] = await this.rows<{ min: number | null; max: number | null }>(
      // Order by the column: a plain "id" would mean the cast expression, and PostgreSQL would sort all ids.
      `select (select r.id::bigint from ${table} r order by r.id limit 1) as min,
              (select r.id::bigint from ${table} r order by r.id desc limit 1) as max`,
    );
    return { min: row?.min ?? 0, max: row?.max ?? 0 };
  }

  /** Runs that are queued or running, through the two partial indexes. */
  activeRuns(): Promise<RunRow[]> {
    return this.runs(
      `where r.id in (select id from ${this.dialect.runTable} where state = 'running'
         union all select id from ${this.dialect.runTable} where state = 'queued')`,
    );
  }

  runsById(ids: readonly number[]): Promise<RunRow[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.runs('where r.id = any($1::bigint[])', [ids]);
  }

  keyedRunsById(ids: readonly number[]): Promise<KeyedRunRow[]> {
    return ids.length === 0 ? Promise.resolve([]) : this.keyedRuns('where r.id = any($1::bigint[])', [ids]);
  }

  /** Oldest first. */
  runsAfter(id: number, limit: number): Promise<KeyedRunRow[]> {
    return this.keyedRuns('where r.id > $1 order by r.id limit $2', [id, limit]);
  }

  /** Runs whose ids are in gaps: ranges that polls have passed without seeing them. */
  async runsWithin(ranges: readonly { from: number; to: number }[]): Promise<KeyedRunRow[]> {
    if (ranges.length === 0) return [];
    return this.keyedRuns(
      `join unnest($1::bigint[], $2::bigint[]) as gap(low, high) on r.id between gap.low and gap.high order by r.id`,
      [ranges.map((range) => range.from), ranges.map((range) => range.to)],
    );
  }

  /** A page of the history: runs below an id, newest first. */
  runsBelow(id: number, limit: number): Promise<KeyedRunRow[]> {
    return this.keyedRuns('where r.id < $1 order by r.id desc limit $2', [id, limit]);
  }

  /** State of runs at or below an id, newest first, which the sweep compares. */
  stampsBelow(id: number, limit: number): Promise<{ id: number; end_us: number | null; state: string }[]> {
    return this.rows(
      `select r.id::bigint as id, r.state, ${us('r.end_date')} as end_us from ${this.dialect.runTable} r
       where r.id <= $1 order by r.id desc limit $2`,
      [id, limit],
    );
  }

  /** `written_by` is the transaction that wrote the row. It changes with every update, even if no column does. */
  async runByName(dagId: string, runId: string): Promise<(KeyedRunRow & { written_by: string }) | null> {
    const condition = 'where r.dag_id = $1 and r.run_id = $2';
    const [run] = await this.keyedRuns<{ written_by: string }>(
      condition,
      [dagId, runId],
      ', r.xmin::text as written_by',
    );
    return run ?? null;
  }

  /**
   * Task instances of runs. With `changedSince` (the xmin of a Snapshot), only rows from transactions that were not visible then.
   * Each row has the id of the transaction that wrote it, so this is exact and needs neither an index nor a clock.
   */
  tasksOf(runs: readonly RunRef[], changedSince: number | null = null): Promise<TaskRow[]> {
    if (changedSince === null) return this.tasks(runs, TASK_COLUMNS.all);
    // A row has the lower 32 bits of its transaction id. age() compares them as PostgreSQL does.
    return this.tasks(runs, TASK_COLUMNS.all, 'where age(t.xmin) <= age($4::text::xid)', [
      String(changedSince % 2 ** 32),
    ]);
  }

  tracedTasksOf(run: RunRef): Promise<Traced<TaskRow>[]> {
    return this.tasks([run], traced(TASK_COLUMNS.all));
  }

  /** Task instances of a run that is over. */
  pastTasksOf(run: RunRef): Promise<Traced<PastTaskRow>[]> {
    return this.tasks([run], traced(TASK_COLUMNS.past));
  }

  /** See stampQuery. */
  async stampOf(run: RunRef): Promise<string> {
    const [row] = await this.rows<{ stamp: string }>(stampQuery(this.dialect), [run.id, run.dag_id, run.run_id]);
    return row!.stamp;
  }

  /** Only the states of task instances of runs, because a person waits for this query, and it is planned each time. */
  taskStatesOf(runs: readonly RunRef[]): Promise<TaskStateRow[]> {
    return this.tasks(runs, TASK_COLUMNS.state);
  }

  attemptsOf(run: RunRef): Promise<AttemptRow[]> {
    if (!this.dialect.attemptsQuery) return Promise.resolve([]);
    return this.rows(this.dialect.attemptsQuery, [run.id, run.dag_id, run.run_id]);
  }

  /** First pokes of the sensors of a run; empty if the source does not store them. */
  pokesOf(run: RunRef): Promise<PokeRow[]> {
    const { pokesQuery } = this.dialect;
    return pokesQuery ? this.rows(pokesQuery, [run.id, run.dag_id, run.run_id]) : Promise.resolve([]);
  }

  /** Task instances of the DAG's previous run, on which tasks with depends_on_past depend. `withoutManual` skips manual runs. */
  previousOf({ id, dag_id }: RunRef, withoutManual: boolean): Promise<PreviousTaskRow[]> {
    const { previousQuery } = this.dialect;
    return previousQuery ? this.rows(previousQuery, [id, dag_id, withoutManual]) : Promise.resolve([]);
  }

  async dags(): Promise<DagRow[]> {
    const dags = await this.rows<DagRow>(this.dialect.dagsQuery);
    if (this.dialect.tagsQuery === null) return dags;
    const tags = groupedBy(await this.tags(this.dialect.tagsQuery), (row) => row.dag_id);
    return dags.map((dag) => ({ ...dag, tags: (tags.get(dag.dag_id) ?? []).map((row) => row.tag) }));
  }

  /** Limits of runs that are defined in the source, as suggestions for promises. */
  async limits(): Promise<KnownLimit[]> {
    if (this.dialect.limitsQuery === null) return [];
    return (await this.rows<LimitRow>(this.dialect.limitsQuery)).flatMap(limitsOf);
  }

  /** Tags of DAGs; none if the role may not read them, because roles for an older Runbeat must still work. */
  private tags(query: string): Promise<{ dag_id: string; tag: string }[]> {
    return this.rows<{ dag_id: string; tag: string }>(query).catch((error: { code?: string }) => {
      if (error.code === NOT_PERMITTED) return [];
      throw error;
    });
  }

  pools(): Promise<PoolRow[]> {
    return this.rows(this.dialect.poolsQuery);
  }

  due(): Promise<DueRow[]> {
    return this.rows(this.dialect.dueQuery);
  }

  /** Unfinished backfills; null if the role may not read them. */
  backfills(): Promise<BackfillRow[] | null> {
    const { backfillsQuery, canReadBackfills } = this.dialect;
    if (backfillsQuery) return this.rows(backfillsQuery);
    return Promise.resolve(canReadBackfills ? [] : null);
  }

  /** Number of callbacks that use a slot of an executor; 0 if the source has none, or the role may not read them. */
  async executorCallbacks(): Promise<number> {
    const { callbacksQuery } = this.dialect;
    if (!callbacksQuery) return 0;
    const [row] = await this.rows<{ count: number }>(callbacksQuery);
    return row!.count;
  }

  /** The ids among these that the source still has. */
  async presentIds(ids: readonly number[]): Promise<number[]> {
    const rows = await this.rows<{ id: number }>(
      `select r.id::bigint as id from ${this.dialect.runTable} r where r.id = any($1::bigint[])`,
      [ids],
    );
    return rows.map((row) => row.id);
  }

  /** The conf of one run, with a note if it can't be read, and the run's trace. */
  async confOf(runId: number): Promise<Traced<{ conf: unknown; note: string | null }>> {
    const { confColumn, traceparentOf, runTable, parseConf } = this.dialect;
    const [row] = await this.rows<{ conf: unknown; traceparent: string | null }>(
      `select ${confColumn} as conf, ${traceparentOf('r')} as traceparent from ${runTable} r where r.id = $1`,
      [runId],
    );
    return row
      ? { ...parseConf(row.conf), traceparent: row.traceparent }
      : { conf: null, note: null, traceparent: null };
  }

  /** What runs say about what started them. A conf of more than 16 KiB (as stored) is not read, and null instead. */
  async originsOf(ids: readonly number[]): Promise<OriginRow[]> {
    if (ids.length === 0) return [];
    const { runTable, triggeredByColumn, confColumn, parseConf } = this.dialect;
    const rows = await this.rows<OriginRow>(
      `select r.id::bigint as run, ${triggeredByColumn} as triggered_by,
         case when pg_column_size(r.conf) <= ${MAX_ORIGIN_BYTES} then ${confColumn} end as conf
       from ${runTable} r where r.id = any($1::bigint[])`,
      [ids],
    );
    return rows.map((row) => ({ ...row, conf: row.conf === null ? null : parseConf(row.conf).conf }));
  }

  /** Null if asset events can't be read. */
  assetParentsOf(ids: readonly number[]): Promise<AssetParentRow[]> | null {
    const { assetParentsQuery } = this.dialect;
    return assetParentsQuery ? this.rows<AssetParentRow>(assetParentsQuery, [ids]) : null;
  }

  /** Logs of a run's tries: at most `limit` and about `characters`, but at least one. */
  logs(runId: number, { after, of, limit, characters }: LogWish): Promise<LogRow[]> | null {
    const wanted = [of.task_id ?? null, of.map_index ?? null, of.try_number ?? null];
    const parameters = [runId, ...after, limit + 1, characters, ...wanted];
    return this.dialect.logQuery ? this.rows<LogRow>(this.dialect.logQuery, parameters) : null;
  }

  private tasks<Row extends object>(
    runs: readonly RunRef[],
    columns: (dialect: Dialect) => string,
    condition?: string,
    parameters?: readonly unknown[],
  ): Promise<Row[]> {
    return readTasks<Row>(this.client, this.dialect, runs, columns, condition, parameters);
  }

  private runs(condition: string, parameters: unknown[] = []): Promise<RunRow[]> {
    return this.rows(`select ${this.dialect.runColumns} from ${this.dialect.runTable} r ${condition}`, parameters);
  }

  private async keyedRuns<More = unknown>(
    condition: string,
    parameters: unknown[],
    more = '',
  ): Promise<(KeyedRunRow & More)[]> {
    const columns = `${this.dialect.runColumns}${this.dialect.keyColumns(this.rules)}${more}`;
    const rows = await this.rows<RunRow & More & Record<string, unknown>>(
      `select ${columns} from ${this.dialect.runTable} r ${condition}`,
      parameters,
    );
    // Mutates the rows, which belong to this query: copying them would be the most expensive part of the catch-up.
    return rows.map((row) => Object.assign(row, this.dialect.keysOf(row, this.rules)));
  }

  private rows<Row extends object>(sql: string, parameters?: unknown[]): Promise<Row[]> {
    return rowsOf<Row>(this.client, sql, parameters);
  }
}
