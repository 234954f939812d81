import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import { Backoff } from '../../platform/time/backoff.ts';
import { pause } from '../../platform/time/pause.ts';
import type { SchedulerConfig } from '../config.ts';
import { isMine } from '../core/partition.ts';
import { Worklist } from '../core/worklist.ts';
import { findAttention, runningRuns } from '../store/attention.ts';
import { closeClient, connectClient } from '../store/database.ts';
import { beat, failDeadJobs, liveSchedulers } from '../store/jobs.ts';
import { listenToLane, parseWake } from '../store/lanes.ts';
import { planWrites } from '../store/pass.ts';
import { VersionCache } from '../store/versions.ts';
import { startDueRuns } from './dueRuns.ts';
import { runIsolatedPass } from './isolatedPass.ts';
import type { PassReport } from './pass.ts';
import { Wakeup } from './wakeup.ts';

/** How often the loop looks for work whose notification was missed. */
const POLL_MS = 1_000;
/** The poll picks up running runs that no pass has examined for this long. */
const UNSEEN_SECONDS = 5;

/** The longest pause after a pass. */
const REST_LIMIT_MS = 200;

/** One connection to work and to listen: a notification sent during a pass arrives with the answer to its commit. */
interface Connection {
  client: pg.Client;
  /** Time of performance.now(), as everywhere in this file. */
  since: number;
  isLost: boolean;
}

/**
 * The main loop of the scheduler: wait for a notification or the clock, run a pass, send a heartbeat. Heartbeats are sent only here,
 * so a loop that hangs shows as a missing heartbeat.
 */
export class SchedulerLoop {
  private readonly wakeup = new Wakeup();
  private readonly worklist = new Worklist();
  private readonly versions = new VersionCache();
  /** Pools that tasks of this lane use. Lanes without common pools never wait for each other. */
  private readonly pools = new Set<string>();
  private readonly lane: string;
  private connection: Connection | null = null;
  private stopping = false;
  private readonly abort = new AbortController();
  private peers: number[] = [];
  private nextPoll = 0;
  private nextBeat = 0;
  private dagsDue = true;
  private lookAtAll = false;

  constructor(
    private readonly config: SchedulerConfig,
    private readonly options: { lane: string; nice?: number; onPass?: (report: PassReport) => void },
    private readonly jobId: number,
    private readonly logger: Logger,
  ) {
    this.lane = options.lane;
  }

  /** Runs until `stop`. After an error it reconnects, with back-off. */
  async run(): Promise<void> {
    const backoff = new Backoff();
    while (!this.stopping) {
      try {
        await this.turn();
        backoff.reset();
      } catch (error) {
        if (this.stopping) break;
        const pauseMs = backoff.next();
        this.logger.warn(
          { reason: (error as Error).message, retryInMs: Math.round(pauseMs) },
          'scheduling was interrupted; reconnecting to the database',
        );
        await this.disconnect();
        await pause(pauseMs, this.abort.signal);
      }
    }
    await this.disconnect();
  }

  /** Stops after the current pass. */
  stop(): void {
    this.stopping = true;
    // Also stop waiting for an unavailable database.
    this.abort.abort();
    this.wakeup.wake();
  }

  /** Called when DAGs have changed, because new ones may be due. */
  look(): void {
    this.nextPoll = 0;
    this.dagsDue = true;
    this.wakeup.wake();
  }

  private async turn(): Promise<void> {
    const { client, isLost } = (this.connection ??= await this.connect());
    if (isLost) throw new Error('the connection was lost');
    if (this.lookAtAll) {
      // Clear it first, because a notification during the query must cause another one.
      this.lookAtAll = false;
      this.worklist.add(await runningRuns(client, this.lane));
    }
    const now = performance.now();
    if (now >= this.nextBeat) await this.beat(client);
    if (now >= this.nextPoll) await this.poll(client);
    if (this.dagsDue) await this.startDue(client);
    if (!this.worklist.isEmpty) await this.pass(client);
    if (this.worklist.isEmpty && !this.dagsDue && !this.lookAtAll && !this.stopping) {
      await this.wakeup.wait(Math.min(this.nextPoll, this.nextBeat) - performance.now());
    }
  }

  private async pass(client: pg.Client): Promise<void> {
    const { runIds, abandoned } = this.worklist.take();
    const { promote } = this.worklist;
    this.worklist.promote = false;
    const request = { lane: this.lane, runIds, abandoned, promote, pools: this.pools };
    const began = performance.now();
    const { reports, failed } = await runIsolatedPass(client, this.versions, request, this.logger);
    for (const report of reports) this.follow(report);
    if (failed.length > 0) this.worklist.promote = this.dagsDue = true;
    await this.rest(performance.now() - began);
  }

  /** Notes the work that a pass has left to do. */
  private follow(report: PassReport): void {
    this.worklist.noteBlocked(report.seen, report.blocked);
    for (const pool of report.wantedPools) this.pools.add(pool);
    if (report.wantedPools.size > 0) this.worklist.add(report.seen);
    if (report.ended > 0 || report.moreToStart) this.worklist.promote = true;
    if (report.ended > 0) this.dagsDue = true;
    if (report.nextDueMs !== null) this.nextPoll = Math.min(this.nextPoll, performance.now() + report.nextDueMs);
    this.options.onPass?.(report);
  }

  /**
   * The database does most of the work of a pass, and does not know about the priority of this process. So a scheduler with `nice`
   * pauses after each pass. Notifications during the pause are handled together in the next pass.
   */
  private async rest(passMs: number): Promise<void> {
    const { nice = 0 } = this.options;
    if (nice > 0) await pause(Math.min((passMs * nice) / 10, REST_LIMIT_MS));
  }

  private async startDue(client: pg.Client): Promise<void> {
    this.dagsDue = false;
    const made = await startDueRuns(client, this.lane, this.logger);
    if (made > 0) this.worklist.promote = true;
  }

  private async poll(client: pg.Client): Promise<void> {
    this.nextPoll = performance.now() + POLL_MS;
    const found = await findAttention(client, {
      lane: this.lane,
      thresholdSeconds: this.config.heartbeatThresholdSeconds,
      judgeAbandoned: this.mayJudge(),
      staleSeconds: UNSEEN_SECONDS,
    });
    if (found.abandoned.length > 0)
      this.logger.warn({ attempts: found.abandoned.map(({ id }) => id) }, 'ending tries whose worker is dead');
    if (found.runIds.length > 0) this.worklist.add(found.runIds);
    this.worklist.addAbandoned(found.abandoned);
    this.worklist.promote ||= found.runsWait;
    this.dagsDue ||= found.dagsDue;
    if (found.nextDueSeconds !== null) {
      this.nextPoll = Math.min(this.nextPoll, performance.now() + Math.ceil(found.nextDueSeconds * 1000));
    }
  }

  /**
   * A worker's heartbeat may be late only because the database was unavailable. A process is declared dead only after every
   * process has had time for two heartbeats.
   */
  private mayJudge(): boolean {
    const grace = 2 * this.config.heartbeatIntervalSeconds * 1000;
    return performance.now() - this.connection!.since >= grace;
  }

  private async beat(client: pg.Client): Promise<void> {
    this.nextBeat = performance.now() + this.config.heartbeatIntervalSeconds * 1000;
    const { heartbeatThresholdSeconds: threshold } = this.config;
    await beat(client, this.jobId);
    const peers = await liveSchedulers(client, this.lane, threshold);
    if (peers.join() !== this.peers.join()) {
      this.peers = peers;
      this.logger.info({ schedulers: peers, lane: this.lane }, 'schedulers of this lane');
      this.lookAtAll = true;
    }
    if (this.mayJudge()) await failDeadJobs(client, threshold);
  }

  private async connect(): Promise<Connection> {
    const client = await connectClient(this.config.databaseUrl, `runbeat scheduler ${this.lane}`);
    const connection = { client, since: performance.now(), isLost: false };
    const broken = (): void => {
      connection.isLost = true;
      this.wakeup.wake();
    };
    client.on('error', broken).on('end', broken);
    client.on('notification', ({ payload }) => this.onNotification(payload ?? ''));
    try {
      await listenToLane(client, this.lane);
      await planWrites(client);
    } catch (error) {
      await closeClient(client);
      throw error;
    }
    // Read everything that happened before the LISTEN from the tables.
    this.lookAtAll = true;
    this.worklist.promote = true;
    this.dagsDue = true;
    this.nextBeat = this.nextPoll = 0;
    return connection;
  }

  private onNotification(payload: string): void {
    const wake = parseWake(payload);
    const mine = wake.runIds.filter((id) => isMine(id, this.jobId, this.peers));
    if (wake.everything) this.lookAtAll = this.dagsDue = true;
    if (wake.promote && isMine(0, this.jobId, this.peers)) this.worklist.promote = true;
    if (mine.length > 0) this.worklist.add(mine);
    if (wake.everything || !this.worklist.isEmpty) this.wakeup.wake();
  }

  private async disconnect(): Promise<void> {
    const { connection } = this;
    this.connection = null;
    if (connection) await closeClient(connection.client);
  }
}
