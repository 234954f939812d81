import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import type { SchedulerConfig } from '../config.ts';
import { AttemptLog } from '../execution/attemptLog.ts';
import { execute, type ExecutionMeans, type Outcome } from '../execution/execute.ts';
import { ThreadPool } from '../execution/threadPool.ts';
import { bundleFile } from '../loading/bundleFiles.ts';
import { endAttempts, type AttemptEnd, type StartedAttempt } from '../store/attempts.ts';
import { untilAvailable } from '../store/faults.ts';
import { readBundle, VersionCache, type DagVersion } from '../store/versions.ts';
import { GroupCommit } from './groupCommit.ts';

export interface WorkerMeans {
  pool: pg.Pool;
  jobId: number;
  config: SchedulerConfig;
  logger: Logger;
}

/** Runs attempts that were started here and records their ends. */
export class AttemptRunner {
  private readonly versions = new VersionCache();
  private readonly threads: ThreadPool;
  private readonly abort = new AbortController();
  private readonly ends: GroupCommit<AttemptEnd, boolean>;
  private readonly execution: ExecutionMeans;
  /** Attempts whose end is not recorded yet. */
  private underWay = 0;

  constructor(
    private readonly means: WorkerMeans,
    concurrency: number,
  ) {
    const { pool, config } = means;
    // Every shell task that runs listens to it.
    setMaxListeners(0, this.abort.signal);
    this.threads = new ThreadPool(concurrency);
    this.ends = new GroupCommit(
      (ends) => this.writeEnds(ends),
      () => this.underWay,
    );
    this.execution = {
      db: pool,
      threads: this.threads,
      databaseUrl: config.databaseUrl,
      logLimit: config.taskLogLimit,
      signal: this.abort.signal,
    };
  }

  /** Runs one attempt to its end and records that. Never rejects. */
  async run(started: StartedAttempt): Promise<void> {
    const { logger, jobId } = this.means;
    const claim = { id: started.id, tryNumber: started.try_number, queueJobId: started.queue_job_id };
    this.underWay++;
    try {
      const outcome = await this.perform(started).catch((error: unknown): Outcome => {
        logger.error({ err: error, ...claim }, 'an attempt could not be run');
        return { state: 'failed', delaySeconds: null };
      });
      const accepted = await this.ends.add({ ...claim, ...outcome, workerJobId: jobId, lane: started.lane });
      if (!accepted)
        logger.warn({ ...claim, state: outcome.state }, 'an end was refused: the attempt is no longer held here');
    } catch (error) {
      logger.error({ err: error, ...claim }, 'the end of an attempt could not be recorded');
    } finally {
      this.underWay--;
    }
  }

  /** Ends what still runs and hands it back: it will be run again, without using up a retry. */
  async handBack(): Promise<void> {
    this.abort.abort();
    await this.threads.close();
  }

  /** Resolves when all results are in the database. */
  async flush(): Promise<void> {
    await this.ends.idle();
  }

  private async perform(started: StartedAttempt): Promise<Outcome> {
    const { pool, logger } = this.means;
    const tryNumber = started.try_number;
    const key = { dagRunId: started.dag_run_id, taskId: started.task_id, mapIndex: started.map_index, tryNumber };
    const log = new AttemptLog(pool, key, (error) => logger.warn({ err: error }, 'output of a task could not be kept'));
    const version = await this.version(started.dag_version_id);
    const task = version.definition.tasks.find(({ task_id: taskId }) => taskId === started.task_id)!;
    const bundle = await this.bundle(version);
    const outcome = await execute({ started, tryNumber, task, bundleFile: bundle }, this.execution, log);
    await log.close();
    const interrupted =
      this.abort.signal.aborted && !['success', 'skipped', 'up_for_reschedule'].includes(outcome.state);
    return interrupted ? { state: 'restarting', delaySeconds: null } : outcome;
  }

  private async version(id: number): Promise<DagVersion> {
    const known = this.versions.get(id);
    if (known) return known;
    await untilAvailable(() => this.versions.load(this.means.pool, [id]), this.means.logger, this.abort.signal);
    return this.versions.get(id)!;
  }

  private readonly bundles = new Map<string, Promise<string | null>>();

  private async bundle({ bundleHash }: DagVersion): Promise<string | null> {
    const known = await this.bundles.get(bundleHash);
    // What nobody has read for days is cleaned away from temporary folders.
    if (known === null || (known !== undefined && existsSync(known))) return known;
    const file = untilAvailable(
      () => readBundle(this.means.pool, bundleHash),
      this.means.logger,
      this.abort.signal,
    ).then((code) => (code === null ? null : bundleFile(bundleHash, code)));
    this.bundles.set(bundleHash, file);
    return file;
  }

  private async writeEnds(ends: AttemptEnd[]): Promise<boolean[]> {
    const { pool, logger } = this.means;
    const accepted = new Set(await untilAvailable(() => endAttempts(pool, ends), logger, this.abort.signal));
    return ends.map(({ id }) => accepted.has(id));
  }
}
