import { setImmediate as others } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import type { SourceStatus } from '../../shared/api.ts';
import type { SourceConfig } from '../config.ts';
import type { ComponentLife } from '../flow/components.ts';
import type { SchedulerLife } from '../flow/liveness.ts';
import type { WaitBook } from '../flow/waiting/book.ts';
import type { IndexWriter } from '../index/writer.ts';
import type { Exposition } from '../metrics/exposition.ts';
import type { GaugeSample, GaugeSource } from '../metrics/gauges.ts';
import { byTaskId } from '../flow/transitions.ts';
import { expectedEnd } from '../usual/expectedEnd.ts';
import { UsualTimes } from '../usual/usualTimes.ts';
import { PromiseLines, type Lines } from '../promises/lines.ts';
import { openRunsOf, type OpenRun } from '../promises/openRuns.ts';
import { SourcePromises } from '../promises/sourcePromises.ts';
import type { Target } from '../promises/targets.ts';
import { openSource } from '../sources/connection.ts';
import { probe } from '../sources/probe.ts';
import { SourceReader } from '../sources/reader.ts';
import type { DagRow, Micros } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import { INDEX, type Collector } from './collector.ts';
import { noFacts, NOT_READ, type SourceFacts, type Upkeep } from './facts.ts';
import type { ObserverOptions } from './observerOptions.ts';
import { aliveOf, type Alive } from './aliveOf.ts';
import { Publisher } from './publisher.ts';
import { makeCollectors } from './registry.ts';
import { Schedule } from './schedule.ts';
import type { SessionParts, SourceSession } from './session.ts';
import { Sessions } from './sessions.ts';
import { sourceGauges, statusOf, type SourceCondition } from './sourceCondition.ts';
import { SourceClock } from './sourceClock.ts';
import { CollectorStatuses } from './status.ts';
import { StructureCache } from './structures.ts';
import type { TrackedRun } from './trackedRun.ts';

/** Longest question of the API to an observed database. */
const API_TIMEOUT_MS = 5_000;

/** Observes one source: runs its collectors, each by itself, and answers what they have found. */
export class SourceObserver implements GaugeSource {
  readonly name: string;
  readonly structures: StructureCache;
  readonly promises: SourcePromises;
  readonly usual: UsualTimes;
  private readonly promiseLines: PromiseLines;
  private promisesLoaded = false;
  private readonly pool: pg.Pool;
  /** Its questions keep no poll waiting. */
  private readonly apiPool: pg.Pool;
  private readonly statuses: CollectorStatuses;
  private readonly collectors: readonly Collector[];
  private readonly schedule: Schedule;
  private readonly parts: SessionParts;
  private readonly closing = new AbortController();
  private readonly sessions: Sessions;

  constructor(
    readonly config: SourceConfig,
    private readonly options: ObserverOptions,
    private readonly writer: IndexWriter,
    exposition: Exposition,
    private readonly logger: Logger,
  ) {
    this.name = config.name;
    this.statuses = new CollectorStatuses(this.name, logger);
    this.collectors = makeCollectors({ ...options, config });
    this.schedule = new Schedule(options.pollSeconds);
    const statementTimeoutMs = options.statementTimeoutSeconds * 1000;
    this.pool = openSource(config.url, config.name, { connections: 1, statementTimeoutMs });
    this.apiPool = openSource(config.url, `${config.name}, API`, {
      connections: config.connections,
      statementTimeoutMs: Math.min(statementTimeoutMs, API_TIMEOUT_MS),
    });
    this.promises = new SourcePromises(this.name, options.rules);
    this.usual = new UsualTimes(writer);
    this.promiseLines = new PromiseLines(this.promises, (dagId) => this.usual.ofRun(dagId));
    this.structures = new StructureCache((error) => logger.warn({ source: this.name }, error.message));
    this.parts = {
      pool: this.pool,
      keys: config.keys,
      writer,
      clock: new SourceClock(),
      structures: this.structures,
      facts: noFacts(),
      promises: this.promises,
      usual: this.usual,
      publisher: new Publisher(this.name, exposition, options.seriesLimit, logger),
    };
    const tidy = (): Promise<void> => this.tidyIndex();
    this.sessions = new Sessions(this.name, this.parts, { ...options, tidy }, this.statuses, logger);
  }

  /** Runs all collectors that are due. Never rejects. Returns whether there is more that the next poll must take in at once. */
  async poll(): Promise<boolean> {
    const session = await this.sessions.open();
    if (!session) {
      await this.loadPromises();
      return false;
    }
    this.promisesLoaded = true;
    // A poll that takes longer than the lease would lose it, and so would the next exporter's.
    const release = session.leads ? this.writer.holdLead() : (): void => undefined;
    try {
      return await this.collect(session);
    } finally {
      release();
    }
  }

  private async collect(session: SourceSession): Promise<boolean> {
    const failed = new Set(this.statuses.isOk(INDEX) ? [] : [INDEX]);
    let more = false;
    for (const collector of this.collectors) {
      if (collector.needs.some((need) => failed.has(need)) || !this.schedule.isDue(collector)) continue;
      const attempt = await this.sessions.run(collector.name, () => collector.collect(session));
      this.schedule.done(collector, attempt.ok);
      if (!attempt.ok) failed.add(collector.name);
      else if (attempt.result === 'more') more = true;
      // The others would work with state that is not true any more.
      if (this.sessions.current !== session) return true;
      // Requests that have come meanwhile take their turn.
      await others();
    }
    return more;
  }

  /** A promise that depends only on time is shown even if the source could not be reached since the start. */
  private async loadPromises(): Promise<void> {
    if (this.promisesLoaded) return;
    const load = async (): Promise<void> => this.promises.load(await this.writer.loadPromises());
    this.promisesLoaded = (await this.sessions.run('promises', load)).ok;
  }

  /** Gauges of promises and DAGs, as the text of a scrape. */
  lines(): Lines {
    return this.promiseLines.at(this.nowUs);
  }

  /** Active runs that a promise to their DAG is open for: when they must have ended or started, and when they will have. */
  openRuns(target: Target): OpenRun[] {
    const runs = [...this.active.values()].filter(({ run }) => run.dag_id === target.dag_id);
    return openRunsOf(target, this.promises, runs, this.nowUs, (tracked) => this.expectedEnd(tracked));
  }

  /** When a run will end by usual durations; null where too little is known. */
  expectedEnd(tracked: TrackedRun): Micros | null {
    const rings = this.usual.known(tracked.run.dag_id);
    const structure = this.structureOf(tracked);
    if (!rings || !structure) return null;
    return expectedEnd(tracked.run, byTaskId(tracked.tasks.values()), structure, rings, this.nowUs)?.endUs ?? null;
  }

  /** This exporter is the one that counts and writes. */
  get leads(): boolean {
    return this.sessions.current?.leads ?? false;
  }

  /** Milliseconds until another exporter's lease ends, when this one may take over; null while this one leads. */
  get takeoverInMs(): number | null {
    return this.sessions.takeoverInMs;
  }

  get historyDone(): boolean {
    return !this.leads || (this.sessions.current?.history.done ?? true);
  }

  /** Indexes a page of history, if there is any left and the present could be read. */
  async pollHistory(): Promise<void> {
    const session = this.sessions.current;
    if (!session?.leads || session.history.done) return;
    const attempt = await this.sessions.run('history', () => session.history.step());
    if (attempt.ok && attempt.result !== 'more') session.publish(attempt.result);
  }

  /** Runs a query of the API, on connections of its own. Rejects when it can't be reached. */
  async read<Result>(use: (reader: SourceReader) => Promise<Result>): Promise<Result> {
    const dialect = this.sessions.dialect ?? (await probe(this.apiPool));
    return use(new SourceReader(this.apiPool, dialect, this.config.keys));
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.sessions.close();
    await Promise.all([this.pool.end(), this.apiPool.end()]);
  }

  get active(): ReadonlyMap<number, TrackedRun> {
    return this.sessions.current?.follower.active ?? new Map();
  }

  get facts(): Readonly<SourceFacts> {
    return this.parts.facts;
  }

  get dagRows(): readonly DagRow[] {
    return [...this.facts.dags.values()];
  }

  /** Schedulers, alive and recently dead; none while they can't be read. */
  get schedulers(): readonly SchedulerLife[] {
    return this.isFresh('schedulers') ? this.facts.lives : [];
  }

  /** Triggerers and DAG processors, alive and recently dead; none while they can't be read. */
  get components(): readonly ComponentLife[] {
    return this.isFresh('components') ? (this.facts.components ?? []) : [];
  }

  /** What is broken; nothing is known while it can't be read. */
  get upkeep(): Upkeep {
    return this.isFresh('upkeep') ? this.facts.upkeep : NOT_READ;
  }

  get waits(): WaitBook {
    return this.facts.waits;
  }

  /** Who is alive to serve what waits. */
  get others(): Alive {
    return aliveOf(this.facts, this.sessions.dialect?.kind === 'runbeat');
  }

  get sweepRounds(): number {
    return this.sessions.current?.sweep.rounds ?? 0;
  }

  /** The source's clock now, as far as the last poll tells. */
  get nowUs(): number {
    return this.parts.clock.nowUs;
  }

  /** What every tracked age has grown by since it was measured. */
  get sinceSnapshotUs(): number {
    return this.parts.clock.sinceReadUs;
  }

  structureOf(tracked: TrackedRun): DagStructure | null {
    return this.sessions.current?.follower.structureOfRun(tracked) ?? null;
  }

  status(): SourceStatus {
    return statusOf(this.name, this.condition, this.statuses.problem);
  }

  /** What can't be read any more is left out, rather than repeated as if it were still so. */
  gauges(): GaugeSample[] {
    const session = this.sessions.current;
    const fresh = session ? this.collectors.filter(({ name }) => this.isFresh(name)) : [];
    return [
      ...this.statuses.gauges(),
      ...sourceGauges(this.condition),
      ...fresh.flatMap((collector) => collector.gauges(session!)),
    ];
  }

  private get condition(): SourceCondition {
    const history = this.sessions.current?.history;
    return {
      dialect: this.sessions.dialect,
      isUp: this.isUp,
      leads: this.leads,
      lagSeconds: this.lagSeconds,
      historyShare: history?.share ?? null,
      historyDone: history?.done ?? true,
      oldestReady: this.facts.waits.oldest,
      oldestReadySeconds: this.facts.waits.oldestSeconds,
      isReadinessKnown: this.isFresh('readiness'),
    };
  }

  get isUp(): boolean {
    const essential = this.collectors.filter((collector) => collector.isEssential);
    return this.sessions.isReachable && essential.every(({ name }) => this.statuses.isOk(name));
  }

  /** Null before the first poll. */
  get lagSeconds(): number | null {
    const { readUntilUs } = this.facts;
    return readUntilUs === null ? null : Math.max(0, this.nowUs - readUntilUs) / 1e6;
  }

  /** The collector has succeeded so recently that what it found still holds. */
  private isFresh(collector: string): boolean {
    const every = this.collectors.find(({ name }) => name === collector)?.everySeconds ?? 0;
    const limit = Math.max(this.config.heartbeatThresholdSeconds, 5 * this.options.pollSeconds, 3 * every);
    return this.sessions.current !== null && this.statuses.ageSeconds(collector) < limit;
  }

  private async tidyIndex(): Promise<void> {
    const { signal } = this.closing;
    await this.writer.tidy(signal).catch((error: Error) => {
      if (!signal.aborted)
        this.logger.warn({ source: this.name, reason: error.message }, 'cleaning up the index failed');
    });
  }
}
