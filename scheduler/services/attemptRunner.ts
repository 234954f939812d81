import { setMaxListeners } from 'node:events';
import type pg from 'pg';
import type { Logger } from '../../platform/log.ts';
import { isTransient, untilAvailable } from '../../platform/postgres/faults.ts';
import { retry } from '../../platform/time/backoff.ts';
import { taskEnvironment, type SchedulerConfig } from '../config.ts';
import type { TaskDefinition } from '../core/definition.ts';
import { afterFailure } from '../core/retries.ts';
import { AttemptLog } from '../execution/attemptLog.ts';
import { execute, type ExecutionMeans, type Outcome } from '../execution/execute.ts';
import { ThreadPool } from '../execution/threadPool.ts';
import { delayStart, endAttempts, type AttemptEnd, type StartedAttempt } from '../store/attempts.ts';
import { patientQueries } from '../store/database.ts';
import { appendLog } from '../store/logs.ts';
import { currentVersions, readBundle, VersionCache, type DagVersion } from '../store/versions.ts';
import { Bundles } from './bundles.ts';
import type { FollowOnService } from './followOn.ts';
import { GroupCommit } from './groupCommit.ts';
import { StartDelay } from './startDelay.ts';

export interface WorkerMeans {
  pool: pg.Pool;
  jobId: number;
  config: SchedulerConfig;
  logger: Logger;
  followOn: FollowOnService;
}

/** States that are kept even if the worker is handing back its running tasks. */
const COMPLETE: ReadonlySet<string> = new Set(['success', 'skipped', 'up_for_reschedule']);
const HANDED_BACK: Outcome = { state: 'restarting', delaySeconds: null };
const FAILED: Outcome = { state: 'failed', delaySeconds: null };

interface Ended extends Outcome {
  /** See AttemptEnd. */
  startDelayMs: number;
}

interface RecordedEnd {
  end: AttemptEnd;
  started: StartedAttempt;
}

/** Number of connections that a worker keeps open: one for ends, and one for other statements at the same time. */
export const WARM_CONNECTIONS = 2;
/** Maximum number of files with code that a worker prepares. */
const WARM_BUNDLES = 50;

/** Longest pause before the failure of a try is sent again. */
const LAST_RESORT_PAUSE_MS = 30_000;

/** Runs tries that were started on this worker, and records their ends. */
export class AttemptRunner {
  private readonly versions = new VersionCache();
  private readonly bundles: Bundles;
  private readonly threads: ThreadPool;
  private readonly environment: Readonly<Record<string, string>>;
  private readonly abort = new AbortController();
  private readonly ends: GroupCommit<RecordedEnd, boolean>;
  private readonly execution: ExecutionMeans;

  constructor(
    private readonly means: WorkerMeans,
    concurrency: number,
  ) {
    const { pool, config } = means;
    // Every running shell task listens to it.
    setMaxListeners(0, this.abort.signal);
    this.environment = taskEnvironment(config);
    this.threads = new ThreadPool({
      limit: concurrency,
      environment: this.environment,
      onStray: (reason) => means.logger.warn({ reason }, 'code that an earlier task left behind has failed'),
    });
    this.bundles = new Bundles((hash) => untilAvailable(() => readBundle(pool, hash), means.logger, this.abort.signal));
    this.ends = new GroupCommit({
      write: (ends) => this.writeEnds(ends),
      isItemFault: (error) => !isTransient(error),
    });
    this.execution = {
      db: patientQueries(pool, means.logger, this.abort.signal),
      threads: this.threads,
      databaseUrl: config.databaseUrl,
      environment: this.environment,
      logLimit: config.taskLogLimit,
      signal: this.abort.signal,
    };
  }

  /** Runs one try and records its end. Never rejects. */
  async run(started: StartedAttempt): Promise<void> {
    const log = this.openLog(started);
    const delay = new StartDelay((milliseconds) => this.delay(started, milliseconds));
    try {
      const outcome = await this.perform(started, delay, log);
      await log.close();
      await this.record(started, { ...outcome, startDelayMs: await delay.rest() }, log);
    } catch (error) {
      this.means.logger.error({ err: error, ...claimOf(started) }, 'the end of a try could not be recorded');
    }
  }

  /** Opens connections and prepares the statements for ends, so that the first tasks need not wait for that. */
  async connect(): Promise<void> {
    const { pool, followOn } = this.means;
    await Promise.all([...Array.from({ length: WARM_CONNECTIONS }, () => endAttempts(pool, [])), followOn.connect()]);
  }

  /** Loads the definitions and the code of the DAGs of these queues before a task needs them. */
  async warm(queues: readonly string[]): Promise<void> {
    const current = await currentVersions(this.means.pool, queues);
    await this.versions.load(
      this.means.pool,
      current.map(({ id }) => id),
    );
    const hashes = new Set(current.filter(({ hasFunctions }) => hasFunctions).map(({ bundleHash }) => bundleHash));
    for (const hash of [...hashes].slice(0, WARM_BUNDLES)) {
      const file = await this.bundles.file(hash);
      if (file !== null) await this.threads.load(file);
    }
  }

  /** Ends running tries and hands them back, so that they run again without using up a retry. */
  async handBack(): Promise<void> {
    this.abort.abort();
    await this.threads.close();
  }

  /** Resolves when all results are in the database. */
  async flush(): Promise<void> {
    await this.ends.idle();
    await this.means.followOn.close();
  }

  private openLog(started: StartedAttempt): AttemptLog {
    const { pool, logger } = this.means;
    const key = {
      dagRunId: started.dag_run_id,
      taskId: started.task_id,
      mapIndex: started.map_index,
      tryNumber: started.try_number,
    };
    const append = (text: string, truncated: boolean): Promise<void> =>
      untilAvailable(() => appendLog(pool, key, text, truncated), logger, this.abort.signal);
    return new AttemptLog(append, (error) =>
      logger.warn({ err: error, ...key }, 'output of a task could not be stored'),
    );
  }

  /** Never rejects: if a try can't be run, it fails, with the reason in its log. */
  private async perform(started: StartedAttempt, delay: StartDelay, log: AttemptLog): Promise<Outcome> {
    const since = performance.now();
    let task: TaskDefinition | undefined;
    try {
      const version = await this.version(started.dag_version_id);
      const found = (task = version.definition.tasks.find(({ task_id: taskId }) => taskId === started.task_id));
      if (!found) throw new Error(`this version of DAG "${started.dag_id}" has no task "${started.task_id}"`);
      const bundleFile = (): Promise<string | null> => this.bundle(version);
      const onDelay = (milliseconds: number): void => delay.note(milliseconds);
      const attempt = { started, tryNumber: started.try_number, since, onDelay, task: found, bundleFile };
      const outcome = await execute(attempt, this.execution, log);
      return this.abort.signal.aborted && !COMPLETE.has(outcome.state) ? HANDED_BACK : outcome;
    } catch (error) {
      if (this.abort.signal.aborted) return HANDED_BACK;
      this.means.logger.error({ err: error, ...claimOf(started) }, 'a try could not be run');
      log.write(`The worker could not run this try: ${reasonOf(error)}\n`);
      if (!task) return FAILED;
      const next = afterFailure(task, started.try_number, started.max_tries);
      return { state: next.state, delaySeconds: 'delaySeconds' in next ? next.delaySeconds : null };
    }
  }

  /** Records the end. If the database refuses to store it, records a failure with the reason in the log. */
  private async record(started: StartedAttempt, outcome: Ended, log: AttemptLog): Promise<void> {
    const { logger, jobId } = this.means;
    const claim = claimOf(started);
    const { startDelayMs } = outcome;
    const add = ({ state, delaySeconds }: Outcome): Promise<boolean> =>
      this.ends.add({
        end: { ...claim, state, delaySeconds, startDelayMs, workerJobId: jobId, lane: started.lane },
        started,
      });
    let accepted: boolean;
    try {
      accepted = await add(outcome);
    } catch (error) {
      if (isTransient(error)) throw error;
      logger.error({ err: error, ...claim, ...outcome }, 'the database refuses the end of a try; it counts as failed');
      log.write(`Failed: its end (${outcome.state}) could not be stored: ${reasonOf(error)}\n`);
      await log.close();
      // Only this worker can end its tries while it is alive, so it sends a plain failure until it is stored.
      accepted = await retry(() => add(FAILED), {
        maxMs: LAST_RESORT_PAUSE_MS,
        isRetryable: () => true,
        onRetry: (reason) => logger.error({ err: reason, ...claim }, 'the failure of a try could not be recorded yet'),
        signal: this.abort.signal,
      });
    }
    if (!accepted)
      logger.warn(
        { ...claim, state: outcome.state },
        'the result of a try was refused: another process has taken the try over',
      );
  }

  private async version(id: number): Promise<DagVersion> {
    const { pool, logger } = this.means;
    const found = await untilAvailable(() => this.versions.load(pool, [id]), logger, this.abort.signal);
    const version = found.get(id);
    if (!version) throw new Error(`version ${id} of the DAG is no longer in the database`);
    return version;
  }

  private async bundle({ bundleHash }: DagVersion): Promise<string | null> {
    const file = await this.bundles.file(bundleHash);
    if (file !== null) void this.threads.load(file);
    return file;
  }

  /** Corrects the start of a try whose function had to wait for a thread. Never rejects. */
  private async delay(started: StartedAttempt, milliseconds: number): Promise<void> {
    const { pool, jobId, logger } = this.means;
    const holder = { ...claimOf(started), workerJobId: jobId };
    await delayStart(pool, holder, milliseconds).catch((error: Error) =>
      logger.warn(
        { ...holder, reason: error.message },
        'the start of a task that waited for a thread could not be corrected',
      ),
    );
  }

  private async writeEnds(items: RecordedEnd[]): Promise<boolean[]> {
    const { pool, logger } = this.means;
    const ends = items.map(({ end }) => end);
    const accepted = new Set(
      (await this.endAndFollow(items)) ??
        (await untilAvailable(() => endAttempts(pool, ends), logger, this.abort.signal)),
    );
    return ends.map(({ id }) => accepted.has(id));
  }

  /** Records ends and starts what follows. Returns null if the ends must be recorded in the plain way. */
  private async endAndFollow(items: RecordedEnd[]): Promise<number[] | null> {
    const { pool, followOn } = this.means;
    if (this.abort.signal.aborted) return null;
    const ids = items.map(({ started }) => started.dag_version_id);
    const versions = await this.versions.load(pool, ids).catch(() => null);
    const known = items.flatMap((item) => {
      const version = versions?.get(item.started.dag_version_id);
      return version ? [{ ...item, version }] : [];
    });
    return known.length === items.length ? followOn.end(known) : null;
  }
}

function claimOf(started: StartedAttempt): { id: number; tryNumber: number; reschedules: number } {
  return { id: started.id, tryNumber: started.try_number, reschedules: started.reschedules };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
