import { setImmediate as others } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import type { SourceStatus } from '../../shared/api.ts';
import type { SourceConfig } from '../config.ts';
import type { OutageInterval } from '../flow/outages.ts';
import { oldestReady, type ActiveRun } from '../flow/readiness.ts';
import { byTaskId } from '../flow/transitions.ts';
import type { IndexWriter } from '../index/writer.ts';
import type { Exposition } from '../metrics/exposition.ts';
import type { GaugeSample, GaugeSource } from '../metrics/gauges.ts';
import { SeriesStore, type Bounds } from '../metrics/series.ts';
import { inSnapshot, openSource } from '../sources/connection.ts';
import { probe } from '../sources/probe.ts';
import type { Dialect } from '../sources/dialect.ts';
import { SourceReader } from '../sources/reader.ts';
import type { DagRow, Micros } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import { CollectorBoard } from './board.ts';
import { HistoryCollector } from './history.ts';
import { RunFollower } from './runs.ts';
import { SchedulerCollector } from './schedulers.ts';
import { SourceClock } from './sourceClock.ts';
import { gaugesOf, type SourcePicture } from './sourceGauges.ts';
import { SourceSettings } from './settings.ts';
import { StructureCache } from './structures.ts';
import { Sweep } from './sweep.ts';
import type { TrackedRun } from './trackedRun.ts';
import { workloadGauges } from './workload.ts';

export interface ObserverOptions {
  pollSeconds: number;
  statementTimeoutSeconds: number;
  schedulerForgetSeconds: number;
  seriesLimit: number;
  /** DAGs and pools change seldom and are read this often only. */
  settingsSeconds: number;
  bounds: Bounds;
}

interface Session {
  dialect: Dialect;
  follower: RunFollower;
  schedulers: SchedulerCollector;
  history: HistoryCollector;
  sweep: Sweep;
}

const SECOND = 1e6;
/** Active runs that are made ready to be judged before requests take their turn. */
const RUNS_AT_ONCE = 50;

/**
 * Observes one source: connects, finds out what it is, and polls its collectors. Each has its own duration and success,
 * and one that fails keeps no other from running. When reading or writing fails all state is loaded anew from the index,
 * and what the database is gets probed again, so a restart, an upgrade and an outage all heal the same way.
 */
export class SourceObserver implements GaugeSource {
  readonly name: string;
  readonly board = new CollectorBoard();
  readonly structures: StructureCache;
  private readonly pool: pg.Pool;
  private readonly closing = new AbortController();
  private session: Session | null = null;
  private readonly settings: SourceSettings;
  private version: { kind: SourceStatus['kind']; text: string | null } = { kind: 'unknown', text: null };
  private workload: GaugeSample[] = [];
  private readySinceUs: Micros | null = null;
  private readUntilUs: Micros | null = null;
  private readonly clock = new SourceClock();
  private foldedTold = false;

  constructor(
    readonly config: SourceConfig,
    private readonly options: ObserverOptions,
    private readonly writer: IndexWriter,
    private readonly exposition: Exposition,
    private readonly logger: Logger,
  ) {
    this.name = config.name;
    this.settings = new SourceSettings(options.settingsSeconds);
    this.pool = openSource(config.url, config.name, {
      connections: config.connections,
      statementTimeoutMs: options.statementTimeoutSeconds * 1000,
    });
    this.structures = new StructureCache((error) => logger.warn({ source: this.name }, error.message));
  }

  /** One round of all collectors. Never rejects: what failed is told by the board. Returns whether new runs are left that the next poll must take in at once. */
  async poll(): Promise<boolean> {
    const session = await this.open();
    if (!session) return false;
    await this.board.run('schedulers', () => this.pollSchedulers(session));
    await this.board.run('dags', () => this.pollSettings(session));
    const more = await this.board.run('runs', () => this.pollRuns(session));
    if (more === undefined) this.session = null;
    this.tell();
    return more === true;
  }

  get historyDone(): boolean {
    return this.session?.history.done ?? true;
  }

  /** Indexes a page of history, if there is any left and the present could be read. */
  async pollHistory(): Promise<void> {
    const session = this.session;
    if (!session || session.history.done) return;
    const done = await this.board.run('history', async () => {
      this.exposition.publish(this.name, await session.history.step());
      return true;
    });
    if (!done) this.session = null;
  }

  /** Runs a query of the API on the source's own connection. Rejects when it can't be reached. */
  async read<Result>(use: (reader: SourceReader) => Promise<Result>): Promise<Result> {
    const dialect = this.session?.dialect ?? (await probe(this.pool));
    return use(new SourceReader(this.pool, dialect, this.config.keys));
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.pool.end();
  }

  private async tidyIndex(): Promise<void> {
    const { signal } = this.closing;
    await this.writer.tidy(signal).catch((error: Error) => {
      if (!signal.aborted) this.logger.warn({ source: this.name, reason: error.message }, 'the index was not tidied');
    });
  }

  get active(): ReadonlyMap<number, TrackedRun> {
    return this.session?.follower.active ?? new Map();
  }

  get dagRows(): readonly DagRow[] {
    return [...this.settings.dags.values()];
  }

  get outages(): readonly OutageInterval[] {
    return this.session?.schedulers.outages ?? [];
  }

  get schedulers(): SchedulerCollector | null {
    return this.fresh('schedulers') ? (this.session?.schedulers ?? null) : null;
  }

  get sweepRounds(): number {
    return this.session?.sweep.rounds ?? 0;
  }

  /** The source's clock now, as far as the last poll tells. */
  get nowUs(): Micros {
    return this.clock.nowUs;
  }

  /** What every tracked age has grown by since it was measured. */
  get sinceSnapshotUs(): Micros {
    return this.clock.sinceReadUs;
  }

  structureOf(tracked: TrackedRun): DagStructure | null {
    const [task] = tracked.tasks.values();
    return this.structures.get({ dag_id: tracked.run.dag_id, version: task?.version ?? tracked.run.version });
  }

  status(): SourceStatus {
    const up = this.isUp;
    const lag = this.lagSeconds;
    return {
      source: this.name,
      kind: this.version.kind,
      version: this.version.text,
      up,
      problem: this.board.problem,
      lag_seconds: lag,
      catchup_progress: this.session && !this.session.history.done ? this.session.history.share : null,
      oldest_ready_task_age_seconds: this.session && this.fresh('runs') ? this.readyAgeSeconds : null,
    };
  }

  gauges(): GaugeSample[] {
    return [...this.board.gauges(), ...gaugesOf(this.picture())];
  }

  /** What can't be read any more is left out, rather than repeated as if it were still so. */
  private picture(): SourcePicture {
    const { session } = this;
    const readable = this.fresh('runs');
    return {
      isUp: this.isUp,
      version: this.version,
      nowUs: this.nowUs,
      sinceSnapshotUs: this.sinceSnapshotUs,
      lagSeconds: this.lagSeconds,
      historyShare: session?.history.share ?? null,
      schedulers: this.schedulers,
      exporterSkewUs: this.clock.skewUs,
      readyAgeSeconds: readable ? this.readyAgeSeconds : null,
      workload: readable ? this.workload : [],
      seriesLimit: this.options.seriesLimit,
    };
  }

  get isUp(): boolean {
    return this.session !== null && this.board.allSourcesRead;
  }

  /** Null before the first poll. */
  get lagSeconds(): number | null {
    return this.readUntilUs === null ? null : Math.max(0, this.nowUs - this.readUntilUs) / SECOND;
  }

  private get readyAgeSeconds(): number {
    return this.readySinceUs === null ? 0 : Math.max(0, this.nowUs - this.readySinceUs) / SECOND;
  }

  /** The collector has succeeded so recently that its picture still holds. */
  private fresh(collector: string): boolean {
    const limit = Math.max(this.config.heartbeatThresholdSeconds, 5 * this.options.pollSeconds);
    return this.session !== null && this.board.ageSeconds(collector) < limit;
  }

  private async open(): Promise<Session | null> {
    if (this.session) return this.session;
    const session = await this.board.run('connect', async () => {
      const dialect = await probe(this.pool);
      if (dialect.version !== this.version.text)
        this.logger.info({ source: this.name, version: dialect.version }, 'source found');
      this.version = { kind: dialect.kind, text: dialect.version };
      return this.load(dialect);
    });
    this.session = session ?? null;
    this.tell();
    return this.session;
  }

  private async load(dialect: Dialect): Promise<Session> {
    const { bounds, seriesLimit, pollSeconds, schedulerForgetSeconds } = this.options;
    const loaded = await this.writer.load(bounds);
    const store = new SeriesStore(loaded.series, bounds, seriesLimit);
    this.exposition.publish(this.name, store.all());
    const follower = new RunFollower(this.writer, loaded.state, store, this.structures, loaded);
    const rules = {
      thresholdUs: this.config.heartbeatThresholdSeconds * SECOND,
      forgetUs: schedulerForgetSeconds * SECOND,
      pollUs: pollSeconds * SECOND,
    };
    return {
      dialect,
      follower,
      schedulers: new SchedulerCollector(rules, this.writer.outages(loaded.state.id)),
      history: new HistoryCollector(
        follower,
        (use) => use(new SourceReader(this.pool, dialect, this.config.keys)),
        () => this.tidyIndex(),
      ),
      sweep: new Sweep(follower, this.writer),
    };
  }

  private async pollSchedulers(session: Session): Promise<true> {
    const reader = new SourceReader(this.pool, session.dialect, this.config.keys);
    await session.schedulers.poll(reader, await this.clock.read(reader));
    return true;
  }

  private async pollSettings({ dialect }: Session): Promise<true> {
    await this.settings.read(new SourceReader(this.pool, dialect, this.config.keys));
    return true;
  }

  /** Returns whether more new runs wait. */
  private async pollRuns(session: Session): Promise<boolean> {
    const { outcome, nowUs } = await inSnapshot(this.pool, async (client) => {
      const reader = new SourceReader(client, session.dialect, this.config.keys);
      const snapshot = await reader.snapshot();
      const outcome = await session.follower.poll(reader, snapshot, session.schedulers);
      if (outcome.caughtUp) await session.sweep.step(reader);
      return { outcome, nowUs: snapshot.now_us };
    });
    // Requests that have come meanwhile take their turn between the longer computations.
    await others();
    this.exposition.publish(this.name, outcome.changed);
    this.readUntilUs = outcome.readUntilUs;
    await others();
    await this.judgeReadiness(session, nowUs);
    await others();
    this.workload = workloadGauges(
      this.active.values(),
      this.settings.pools.values(),
      this.nowUs,
      this.options.seriesLimit,
    );
    return !outcome.caughtUp;
  }

  private async judgeReadiness(session: Session, nowUs: Micros): Promise<void> {
    const runs: ActiveRun[] = [];
    for (const tracked of session.follower.active.values()) {
      const all = [...tracked.tasks.values()];
      runs.push({ run: tracked.run, all, tasks: byTaskId(all), structure: this.structureOf(tracked) });
      if (runs.length % RUNS_AT_ONCE === 0) await others();
    }
    const limits = { dags: this.settings.dags, pools: this.settings.pools, parallelism: this.config.parallelism };
    this.readySinceUs = oldestReady(runs, limits, nowUs);
  }

  /** Says a change of fortune once, not at every poll. */
  private tell(): void {
    for (const line of this.board.changes()) {
      if (line.recovered) this.logger.info({ source: this.name, collector: line.collector }, 'works again');
      else this.logger.warn({ source: this.name, collector: line.collector }, line.message);
    }
    if (!this.foldedTold && this.exposition.hasFolded(this.name)) {
      this.foldedTold = true;
      this.logger.warn(
        { source: this.name, limit: this.options.seriesLimit },
        'a metric has reached its limit of label sets; further ones are counted under "_other" (runbeat_series_folded_total, RUNBEAT_SERIES_LIMIT)',
      );
    }
  }
}
