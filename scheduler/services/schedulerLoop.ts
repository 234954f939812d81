import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import type { SchedulerConfig } from '../config.ts';
import { isMine } from '../core/partition.ts';
import { Worklist } from '../core/worklist.ts';
import { findAttention, runningRuns } from '../store/attention.ts';
import { connectClient } from '../store/database.ts';
import { untilAvailable } from '../store/faults.ts';
import { beat, buryLostJobs, liveSchedulers } from '../store/jobs.ts';
import { listenStatement, parseWake } from '../store/lanes.ts';
import { createDueRuns } from '../store/timetables.ts';
import { VersionCache } from '../store/versions.ts';
import { runPass, type PassReport } from './pass.ts';
import { Wakeup } from './wakeup.ts';

/** The safety net: how often a lane is asked for what no notification told. */
const POLL_MS = 1_000;
/** A running run that nobody has looked at for so long is looked at. */
const UNSEEN_SECONDS = 5;

/** The longest pause after a pass. */
const REST_LIMIT_MS = 200;

/**
 * One connection to work and to listen: what is told during a pass arrives with the answer to its commit, and wakes nobody
 * before.
 */
interface Connection {
  client: pg.Client;
  since: number;
  isLost: boolean;
}

/**
 * The scheduler's own loop: wait for a notification or the clock, do a pass, beat. It beats here and nowhere else, so a
 * loop that hangs shows as a heartbeat that stops.
 */
export class SchedulerLoop {
  private readonly wakeup = new Wakeup();
  private readonly worklist = new Worklist();
  private readonly versions = new VersionCache();
  /** Pools that tasks of this lane have asked for: lanes that share none never wait for each other. */
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

  /** Runs until `stop`; a database that goes away is waited for. */
  async run(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.turn();
      } catch (error) {
        if (this.stopping) break;
        this.logger.warn({ reason: (error as Error).message }, 'a scheduling pass was given up; starting afresh');
        await this.disconnect();
      }
    }
    await this.disconnect();
  }

  /** The pass under way is finished. */
  stop(): void {
    this.stopping = true;
    // A database that is away is not waited for any longer.
    this.abort.abort();
    this.wakeup.wake();
  }

  /** DAGs changed: new ones may be due. */
  look(): void {
    this.nextPoll = 0;
    this.dagsDue = true;
    this.wakeup.wake();
  }

  private async turn(): Promise<void> {
    const { client, isLost } = (this.connection ??= await this.connect());
    if (isLost) throw new Error('the connection was lost');
    if (this.lookAtAll) {
      // Cleared first: what arrives while the query runs asks for another one.
      this.lookAtAll = false;
      this.worklist.add(await runningRuns(client, this.lane));
    }
    const now = Date.now();
    if (now >= this.nextBeat) await this.beat(client);
    if (now >= this.nextPoll) await this.poll(client);
    if (this.dagsDue) await this.startDue(client);
    if (!this.worklist.isEmpty) await this.pass(client);
    if (this.worklist.isEmpty && !this.dagsDue && !this.lookAtAll && !this.stopping) {
      await this.wakeup.wait(Math.min(this.nextPoll, this.nextBeat) - Date.now());
    }
  }

  private async pass(client: pg.Client): Promise<void> {
    const { runIds, lost } = this.worklist.take();
    const { promote } = this.worklist;
    this.worklist.promote = false;
    const request = { lane: this.lane, runIds, lost, promote, pools: this.pools };
    const began = performance.now();
    const report = await runPass(client, this.versions, request);
    this.worklist.settle(report.seen, report.blocked);
    for (const pool of report.wantedPools) this.pools.add(pool);
    if (report.wantedPools.size > 0) this.worklist.add(report.seen);
    if (report.ended > 0 || report.moreToStart) this.worklist.promote = true;
    if (report.ended > 0) this.dagsDue = true;
    if (report.nextDueMs !== null) this.nextPoll = Math.min(this.nextPoll, Date.now() + report.nextDueMs);
    this.options.onPass?.(report);
    await this.rest(performance.now() - began);
  }

  /**
   * The database does most of a pass's work and knows nothing of our priority, so a scheduler that steps back pauses after
   * each pass. What arrives meanwhile goes together in the next one.
   */
  private async rest(passMs: number): Promise<void> {
    const { nice = 0 } = this.options;
    if (nice > 0) await sleep(Math.min((passMs * nice) / 10, REST_LIMIT_MS));
  }

  private async startDue(client: pg.Client): Promise<void> {
    this.dagsDue = false;
    await client.query('begin');
    const made = await createDueRuns(client, this.lane);
    await client.query('commit');
    if (made > 0) this.worklist.promote = true;
  }

  private async poll(client: pg.Client): Promise<void> {
    this.nextPoll = Date.now() + POLL_MS;
    const found = await findAttention(client, {
      lane: this.lane,
      thresholdSeconds: this.config.heartbeatThresholdSeconds,
      judgeLost: this.mayJudge(),
      staleSeconds: UNSEEN_SECONDS,
    });
    if (found.lost.size > 0)
      this.logger.warn({ attempts: [...found.lost.keys()] }, 'rescuing attempts whose holder is gone');
    if (found.runIds.length > 0) this.worklist.add(found.runIds);
    this.worklist.addLost(found.lost);
    this.worklist.promote ||= found.runsWait;
    this.dagsDue ||= found.dagsDue;
    if (found.nextDueSeconds !== null) {
      this.nextPoll = Math.min(this.nextPoll, Date.now() + Math.ceil(found.nextDueSeconds * 1000));
    }
  }

  /**
   * A worker's heartbeat can be late because the database was away, and it was away for us, too: everybody gets two beats
   * to be heard again before anyone is called lost.
   */
  private mayJudge(): boolean {
    const grace = 2 * this.config.heartbeatIntervalSeconds * 1000;
    return Date.now() - this.connection!.since >= grace;
  }

  private async beat(client: pg.Client): Promise<void> {
    this.nextBeat = Date.now() + this.config.heartbeatIntervalSeconds * 1000;
    const { heartbeatThresholdSeconds: threshold } = this.config;
    await beat(client, this.jobId);
    const peers = await liveSchedulers(client, this.lane, threshold);
    if (peers.join() !== this.peers.join()) {
      this.peers = peers;
      this.logger.info({ schedulers: peers, lane: this.lane }, 'schedulers of this lane');
      this.lookAtAll = true;
    }
    if (this.mayJudge()) await buryLostJobs(client, threshold);
  }

  private async connect(): Promise<Connection> {
    const client = await untilAvailable(
      () => connectClient(this.config.databaseUrl, `runbeat scheduler ${this.lane}`),
      this.logger,
      this.abort.signal,
    );
    const connection = { client, since: Date.now(), isLost: false };
    const broken = (): void => {
      connection.isLost = true;
      this.wakeup.wake();
    };
    client.on('error', broken).on('end', broken);
    client.on('notification', ({ payload }) => this.onNotification(payload ?? ''));
    await client.query(listenStatement(this.lane));
    // What happened before the LISTEN is read from the tables.
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
    await connection?.client.end().catch(() => undefined);
  }
}
