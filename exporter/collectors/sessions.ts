import type { Logger } from '../../platform/log.ts';
import { StaleStateError } from '../index/staleState.ts';
import type { Dialect } from '../sources/dialect.ts';
import { isMissingSchema, mayBeAnotherDatabase } from '../sources/errors.ts';
import { probe } from '../sources/probe.ts';
import { SourceReader } from '../sources/reader.ts';
import { INDEX } from './collector.ts';
import { SourceSession, type SessionOptions, type SessionParts } from './session.ts';
import type { Attempt, CollectorStatuses } from './status.ts';

/** Status of connecting to the source and detecting its kind. */
const CONNECT = 'connect';

/**
 * Keeps one source's session. It is reloaded only when it is no longer valid: the source is another database or
 * version, or another exporter has written to the index.
 *
 * Of several exporters on one index, one is the leader: it counts and writes. The others read the present state from the source
 * and show the counters that the leader writes, until its lease ends. While the index is unavailable, there is no leader.
 */
export class Sessions {
  current: SourceSession | null = null;
  dialect: Dialect | null = null;
  /** performance.now() at which another exporter's lease ends; null while this one leads. */
  private leaseEndsAt: number | null = null;
  /** Something failed as if the source were now another database or version. */
  private mustProbe = false;

  constructor(
    private readonly source: string,
    private readonly parts: SessionParts,
    private readonly options: SessionOptions,
    private readonly statuses: CollectorStatuses,
    private readonly logger: Logger,
  ) {}

  /** Opens or renews the session; null if that is not possible now. */
  async open(): Promise<SourceSession | null> {
    const connected = await this.run(CONNECT, () => this.connect());
    if (!connected.ok) return null;
    // Try a second time if the first one found outdated state.
    if ((await this.openIndex()) === 'again') await this.openIndex();
    return this.current;
  }

  private async openIndex(): Promise<'again' | void> {
    const attempt = await this.run(INDEX, () => this.takeSides());
    if (attempt.ok) return this.current ? undefined : 'again';
    this.leaseEndsAt = null;
    if (this.current) this.current.leads = false;
    if (!isMissingSchema(attempt.error)) return;
    const made = await this.run(INDEX, () => this.recreateIndex());
    if (made.ok) return 'again';
  }

  get isReachable(): boolean {
    return this.current !== null && this.statuses.isOk(CONNECT);
  }

  /** Milliseconds until another exporter's lease ends, when this one may take over; null while this one leads. */
  get takeoverInMs(): number | null {
    return this.leaseEndsAt === null ? null : Math.max(0, this.leaseEndsAt - performance.now());
  }

  /** Runs a collector. Stale state is not a failure of the collector: the next poll reloads it. */
  async run<Result>(name: string, collect: () => Promise<Result>): Promise<Attempt<Result | 'more'>> {
    const attempt = await this.statuses.run(name, async () => {
      try {
        return await collect();
      } catch (error) {
        if (!(error instanceof StaleStateError)) throw error;
        this.logger.info({ source: this.source }, error.message);
        this.current = null;
        return 'more' as const;
      }
    });
    if (!attempt.ok && mayBeAnotherDatabase(attempt.error)) this.mustProbe = true;
    return attempt;
  }

  /** Gives up the lead, so that another exporter need not wait for the end of the lease. */
  async close(): Promise<void> {
    if (this.current?.leads) await this.parts.writer.stepDown().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    if (!this.dialect || this.mustProbe) this.recognise(await probe(this.parts.pool));
    const { clock } = this.parts;
    await clock.read(new SourceReader(this.parts.pool, this.dialect!, this.parts.keys));
    if (clock.behindUs > this.options.mostBehindUs) {
      const seconds = Math.round(clock.behindUs / 1e6);
      throw new Error(`The server is a standby that is ${seconds} s behind its primary`);
    }
  }

  private recognise(dialect: Dialect): void {
    if (dialect.version !== this.dialect?.version) {
      this.logger.info({ source: this.source, version: dialect.version }, 'source found');
      this.current = null;
    }
    this.dialect = dialect;
    this.mustProbe = false;
  }

  private async takeSides(): Promise<void> {
    const leadership = await this.parts.writer.lead(this.options.bounds);
    const { leads, endsInMs } = leadership;
    this.leaseEndsAt = leads ? null : performance.now() + endsInMs;
    // A new leader loads what the former leader wrote last.
    const isLoaded = this.current !== null && (this.current.leads || !leads);
    if (!this.current || !isLoaded) this.current = await this.load();
    if (leads && !isLoaded)
      this.logger.info({ source: this.source }, 'this exporter is the leader: it counts and writes the index');
    this.current.leads = leads;
    if (!leads) await this.current.follow(leadership);
  }

  private load(): Promise<SourceSession> {
    return SourceSession.load(this.dialect!, this.parts, this.options);
  }

  private async recreateIndex(): Promise<void> {
    this.current = null;
    await this.parts.writer.recreate();
    this.logger.warn(
      { source: this.source },
      'the schema of the index was missing and has been created again; counters restart from zero, and the history is read again',
    );
  }
}
