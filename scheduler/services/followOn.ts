import type pg from 'pg';
import { downstreamOf } from '../../shared/dag.ts';
import { groupedBy } from '../../shared/groupedBy.ts';
import type { Logger } from '../../platform/log.ts';
import { together } from '../../platform/postgres/pipeline.ts';
import { decideFollowOn, tasksToRead, type EndedTask, type FollowOn, type TaskGraph } from '../core/followOn.ts';
import { recordEnds, type AttemptEnd, type Holder, type StartedAttempt } from '../store/attempts.ts';
import { closeClient } from '../store/database.ts';
import { holdRuns, readFollowOn, writeFollowOn, type FollowOnQuestion } from '../store/followOn.ts';
import type { DagVersion } from '../store/versions.ts';

/** The end of a try, with the definitions that determine what follows. */
export interface FollowedEnd {
  end: AttemptEnd;
  started: StartedAttempt;
  version: DagVersion;
}

/** An end whose task exists in its version of the DAG. */
interface KnownEnd extends FollowedEnd {
  ended: EndedTask;
}

/** The part of a worker that receives tries that were started without the queue. */
export interface FollowOnTarget {
  /** Queues that the worker serves now; none if it is stopping. */
  queues: () => readonly string[];
  /** Runs tries that were started here. */
  adopt: (attempts: readonly StartedAttempt[]) => void;
  /** Called if tries may have been started here although the answer of the database was lost. */
  doubt: () => void;
}

export interface FollowOnMeans extends FollowOnTarget {
  holder: Holder;
  /** Opens a separate connection for pipelined statements. */
  connect: () => Promise<pg.Client>;
  logger: Logger;
}

/**
 * Records ends of tries and starts the tasks that became ready by them, in one transaction, without a scheduler or the queue in
 * between. What can't be decided here is left to the scheduler, which the commit notifies.
 */
export class FollowOnService {
  private client: pg.Client | null = null;
  private connecting: Promise<void> | null = null;
  private isClosed = false;
  private readonly graphs = new WeakMap<DagVersion, TaskGraph>();

  constructor(private readonly means: FollowOnMeans) {}

  /**
   * Returns the ids of the ends that were accepted. Null if nothing was written, or that is not known, so that the ends must be
   * recorded in the plain way.
   */
  async end(attempts: readonly FollowedEnd[]): Promise<number[] | null> {
    const ends = attempts.flatMap((item) => this.known(item) ?? []);
    const question = questionOf(ends, this.means.queues());
    const { client } = this;
    if (ends.length < attempts.length || question.tasks.length === 0 || question.queues.length === 0) return null;
    if (!client) {
      void this.connect();
      return null;
    }
    let mayHaveStarted = false;
    try {
      const { accepted, decision } = await this.decide(client, ends, question);
      const { moves } = decision;
      mayHaveStarted = moves.some(({ toState }) => toState === 'running');
      const write = { moves, left: leftByLane(ends, decision) };
      const started = await together(client, () => writeFollowOn(client, this.means.holder, write));
      this.means.adopt(attemptsOf(ends, moves, new Map(started.map(({ id, startDate }) => [id, startDate]))));
      return accepted;
    } catch (error) {
      this.means.logger.warn(
        { reason: (error as Error).message },
        'what follows these results is left to the scheduler',
      );
      await this.drop(client);
      if (mayHaveStarted) this.means.doubt();
      return null;
    }
  }

  /** Connects before the first end, and lets the server plan its statements. Never rejects. */
  connect(): Promise<void> {
    this.connecting ??= this.open().finally(() => (this.connecting = null));
    return this.connecting;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.connecting;
    if (this.client) await this.drop(this.client);
  }

  private async decide(
    client: pg.Client,
    ends: readonly KnownEnd[],
    question: FollowOnQuestion,
  ): Promise<{ accepted: number[]; decision: FollowOn }> {
    const attempts = ends.map(({ end }) => end);
    // Pipelined: sent together, answered in order.
    const [held, accepted, state] = await together(client, () =>
      Promise.all([holdRuns(client, question), recordEnds(client, attempts), readFollowOn(client, question)]),
    );
    const ids = new Set(accepted);
    const ended = ends.filter(({ end }) => ids.has(end.id)).map((item) => item.ended);
    const decision = decideFollowOn({ ended, heldRuns: held.runs, heldPools: held.pools, ...state });
    return { accepted, decision };
  }

  /** Null if the version of the DAG does not have the task. */
  private known(item: FollowedEnd): KnownEnd | null {
    const { end, started, version } = item;
    const graph = this.graphOf(version);
    const task = graph.tasks.get(started.task_id);
    if (!task) return null;
    return {
      ...item,
      ended: { dagRunId: started.dag_run_id, dagId: started.dag_id, state: end.state, task, graph },
    };
  }

  private graphOf(version: DagVersion): TaskGraph {
    const known = this.graphs.get(version);
    if (known) return known;
    const { tasks } = version.definition;
    const graph = { tasks: new Map(tasks.map((task) => [task.task_id, task])), downstream: downstreamOf(tasks) };
    this.graphs.set(version, graph);
    return graph;
  }

  private async open(): Promise<void> {
    if (this.client || this.isClosed) return;
    const client = await this.means.connect().catch(() => null);
    if (!client) return;
    const broken = (): void => {
      if (this.client === client) this.client = null;
    };
    client.on('error', broken).on('end', broken);
    const none = new Set<string>();
    const nothing: FollowOnQuestion = { tasks: [], lanes: none, pools: none, dagIds: none, queues: [] };
    try {
      await holdRuns(client, nothing);
      await Promise.all([recordEnds(client, []), readFollowOn(client, nothing)]);
      await writeFollowOn(client, this.means.holder, { moves: [], left: new Map() });
      this.client = client;
    } catch {
      await closeClient(client);
    }
  }

  /** Closes the connection, which also ends its transaction. */
  private async drop(client: pg.Client): Promise<void> {
    if (this.client === client) this.client = null;
    await closeClient(client);
  }
}

/** The data to read for the successes that may be followed here. */
function questionOf(ends: readonly KnownEnd[], queues: readonly string[]): FollowOnQuestion {
  const tasks = new Map<string, FollowOnQuestion['tasks'][number]>();
  const [lanes, pools, dagIds] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { ended, started } of ends) {
    const taskIds = ended.state === 'success' ? tasksToRead(ended) : [];
    if (taskIds.length === 0) continue;
    const { dagRunId: runId, dagId, task } = ended;
    for (const taskId of taskIds) tasks.set(`${runId} ${taskId}`, { runId, taskId });
    lanes.add(started.lane);
    pools.add(task.pool);
    dagIds.add(dagId);
  }
  return { tasks: [...tasks.values()], lanes, pools, dagIds, queues };
}

function leftByLane(ends: readonly FollowedEnd[], { left }: FollowOn): Map<string, number[]> {
  const lanes = new Map<number, string>(ends.map(({ started }) => [started.dag_run_id, started.lane]));
  return groupedBy(left, (runId) => lanes.get(runId)!);
}

/** The started tries, each with the values that it shares with the ended try of its run. */
function attemptsOf(
  ends: readonly FollowedEnd[],
  moves: FollowOn['moves'],
  startDates: ReadonlyMap<number, string>,
): StartedAttempt[] {
  const before = new Map(ends.map(({ started }) => [started.dag_run_id, started]));
  return moves.flatMap(({ id, dagRunId, taskId, fromTry, maxTries }) => {
    const startDate = startDates.get(id);
    if (startDate === undefined) return [];
    return {
      ...before.get(dagRunId)!,
      id,
      task_id: taskId,
      map_index: -1,
      try_number: fromTry + 1,
      reschedules: 0,
      max_tries: maxTries,
      start_date: startDate,
      waited_seconds: 0,
    };
  });
}
