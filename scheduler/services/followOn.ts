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

/** The end of an attempt with what says what follows it. */
export interface FollowedEnd {
  end: AttemptEnd;
  started: StartedAttempt;
  version: DagVersion;
}

/** An end whose task is known in its version. */
interface KnownEnd extends FollowedEnd {
  ended: EndedTask;
}

/** What the worker does with attempts that begin without having been in the queue. */
export interface FollowOnTarget {
  /** Queues from which the worker takes tasks now; none when it takes no more. */
  queues: () => readonly string[];
  /** Runs attempts that were started here. */
  adopt: (attempts: readonly StartedAttempt[]) => void;
  /** Attempts may have been started here whose answer was lost. */
  doubt: () => void;
}

export interface FollowOnMeans extends FollowOnTarget {
  holder: Holder;
  /** A pipelining connection of its own. */
  connect: () => Promise<pg.Client>;
  logger: Logger;
}

/**
 * Ends attempts and starts what they made ready, in one transaction: no scheduler has to hear of it first, and no queue
 * lies between. What can't be decided here is left to the scheduler, which hears of it with the commit.
 */
export class FollowOnService {
  private client: pg.Client | null = null;
  private connecting: Promise<void> | null = null;
  private isClosed = false;
  private readonly graphs = new WeakMap<DagVersion, TaskGraph>();

  constructor(private readonly means: FollowOnMeans) {}

  /**
   * Answers the ids of the ends that were accepted; null where nothing was written for sure, or may not have been, so that
   * the ends are to be recorded in the plain way.
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

  /** Connects ahead of the first end and has the server plan its statements. Never rejects. */
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
    // Sent together, answered in order.
    const [held, accepted, state] = await together(client, () =>
      Promise.all([holdRuns(client, question), recordEnds(client, attempts), readFollowOn(client, question)]),
    );
    const ids = new Set(accepted);
    const ended = ends.filter(({ end }) => ids.has(end.id)).map((item) => item.ended);
    const decision = decideFollowOn({ ended, heldRuns: held.runs, heldPools: held.pools, ...state });
    return { accepted, decision };
  }

  /** Null for a task that its version does not have. */
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

  /** Its transaction ends with the connection. */
  private async drop(client: pg.Client): Promise<void> {
    if (this.client === client) this.client = null;
    await closeClient(client);
  }
}

/** Asks about the successes that may be followed here. */
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

/** The attempts that were started, each with what it shares with the one before it in its run. */
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
