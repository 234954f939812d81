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
import type { SourceReader } from '../sources/reader.ts';
import type { DagRow, Micros } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import { ApiReads } from './apiReads.ts';
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

/** Observes one source: runs its collectors independently, and provides what they have found. */
export class SourceObserver implements GaugeSource {
  readonly name: string;
  readonly structures: StructureCache;
  readonly promises: SourcePromises;
  readonly usual: UsualTimes;
  private readonly promiseLines: PromiseLines;
  private promisesLoaded = false;
  private readonly pool: pg.Pool;
  private readonly apiReads: ApiReads;
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
    this.apiReads = new ApiReads(config, statementTimeoutMs, () => this.sessions.dialect);
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
    // Older data would show living schedulers as dead.
    const mostBehindUs = (config.heartbeatThresholdSeconds * 1e6) / 2;
    this.sessions = new Sessions(this.name, this.parts, { ...options, mostBehindUs, tidy }, this.statuses, logger);
  }

  /** Runs all collectors that are due. Never rejects. Returns whether the next poll should follow immediately. */
  async poll(): Promise<boolean> {
    const session = await this.sessions.open();
    if (!session) {
      await this.loadPromises();
      return false;
    }
    this.promisesLoaded = true;
    // Without this, a poll that takes longer than the lease would lose it, and so would that of the next exporter.
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
      // The remaining collectors would work with outdated state.
      if (this.sessions.current !== session) return true;
      // Let pending requests be handled in between.
      await others();
    }
    return more;
  }

  /** Loads promises, so that those that depend only on time are shown even if the source has been unreachable since the start. */
  private async loadPromises(): Promise<void> {
    if (this.promisesLoaded) return;
    const load = async (): Promise<void> => this.promises.load(await this.writer.loadPromises());
    this.promisesLoaded = (await this.sessions.run('promises', load)).ok;
  }

  /** Gauges of promises and DAGs in the text format. */
  lines(): Lines {
    return this.promiseLines.at(this.nowUs, this.nowUs - this.facts.stampsBehindUs);
  }

  /** Active runs for which a promise is still open: their due times, and when they are expected to end or start. */
  openRuns(target: Target): OpenRun[] {
    const runs = [...this.active.values()].filter(({ run }) => run.dag_id === target.dag_id);
    return openRunsOf(target, this.promises, runs, this.nowUs, (tracked) => this.expectedEnd(tracked));
  }

  /** When a run will end by usual durations; null if too little is known. */
  expectedEnd(tracked: TrackedRun): Micros | null {
    const rings = this.usual.known(tracked.run.dag_id);
    const structure = this.structureOf(tracked);
    if (!rings || !structure) return null;
    return expectedEnd(tracked.run, byTaskId(tracked.tasks.values()), structure, rings, this.nowUs)?.endUs ?? null;
  }

  /** Whether this exporter counts and writes the index. */
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

  /** Indexes a page of the history, if any is left and the last poll succeeded. */
  async pollHistory(): Promise<void> {
    const session = this.sessions.current;
    if (!session?.leads || session.history.done) return;
    const attempt = await this.sessions.run('history', () => session.history.step());
    if (attempt.ok && attempt.result !== 'more') session.publish(attempt.result);
  }

  /** Runs queries for the API. Rejects if the database can't be reached. */
  read<Result>(use: (reader: SourceReader) => Promise<Result>): Promise<Result> {
    return this.apiReads.each(use);
  }

  /** As `read`, but everything comes from one snapshot, and several queries may be sent at once. */
  readAtOnce<Result>(use: (reader: SourceReader) => Promise<Result>): Promise<Result> {
    return this.apiReads.atOnce(use);
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.sessions.close();
    await Promise.all([this.pool.end(), this.apiReads.close()]);
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

  /** Problems that someone must fix; unknown while they can't be read. */
  get upkeep(): Upkeep {
    return this.isFresh('upkeep') ? this.facts.upkeep : NOT_READ;
  }

  get waits(): WaitBook {
    return this.facts.waits;
  }

  /** The live schedulers, lanes and triggerers. */
  get others(): Alive {
    return aliveOf(this.facts, this.sessions.dialect?.kind === 'runbeat');
  }

  get sweepRounds(): number {
    return this.sessions.current?.sweep.rounds ?? 0;
  }

  /** The source's time now, based on the last poll. */
  get nowUs(): number {
    return this.parts.clock.nowUs;
  }

  /** The time since the last snapshot, by which every tracked age has grown. */
  get sinceSnapshotUs(): number {
    return this.parts.clock.sinceReadUs;
  }

  structureOf(tracked: TrackedRun): DagStructure | null {
    return this.sessions.current?.follower.structureOfRun(tracked) ?? null;
  }

  status(): SourceStatus {
    return statusOf(this.name, this.condition, this.statuses.problem);
  }

  /** All gauges. Values that can no longer be read are omitted instead of repeated. */
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
    return readUntilUs === null ? null : Math.max(0, this.nowUs + this.parts.clock.behindUs - readUntilUs) / 1e6;
  }

  /** Whether the last success of the collector is recent enough for its values to be valid. */
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
