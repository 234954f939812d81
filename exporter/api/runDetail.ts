import type { AttemptLog, Page, RunDetail, TaskAttempt, TaskInstance, Transition } from '../../shared/api.ts';
import type { DagEdge } from '../../shared/dag.ts';
import type { SourceObserver } from '../collectors/sourceObserver.ts';
import { criticalPath } from '../flow/criticalPath.ts';
import { byTaskId, transitionTo, type TransitionFact } from '../flow/transitions.ts';
import { groupedBy } from '../../shared/groupedBy.ts';
import { taskKey, type AttemptRow, type KeyedRunRow, type RunRow, type TaskRow } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import { linksOf, readSource, sourceNamed, summaryOf, type ApiContext } from './context.ts';
import { ApiError } from './problems.ts';
import { seconds, timestamp } from './time.ts';

interface RunName {
  source: string;
  dag_id: string;
  run_id: string;
}

/** One run with everything about it; from the index alone, saying so, when the source has cleaned its rows. */
export async function runDetail(context: ApiContext, name: RunName): Promise<RunDetail> {
  const source = sourceNamed(context, name.source);
  const run = await readSource(source, (reader) => reader.runByName(name.dag_id, name.run_id));
  return run ? detailFromSource(context, source, run) : detailFromIndex(context, name);
}

async function detailFromIndex(context: ApiContext, name: RunName): Promise<RunDetail> {
  const found = await context.index.run(name.source, name.dag_id, name.run_id);
  if (!found) throw unknownRun(name);
  const notes = ['The source no longer has the rows of this run; this is what the index kept of it.'];
  const run = {
    ...summaryOf(context, name.source, found, found.keys ?? {}),
    conf: null,
    clear_number: found.clear_number,
    notes,
  };
  return { run, tasks: [], edges: [], transitions: [], critical_path: null };
}

function unknownRun({ source, dag_id, run_id }: RunName): ApiError {
  return new ApiError(
    'unknown_run',
    `Source "${source}" has no run "${run_id}" of DAG "${dag_id}", and the index never saw one.`,
  );
}

async function detailFromSource(context: ApiContext, source: SourceObserver, run: KeyedRunRow): Promise<RunDetail> {
  const { tasks, attempts, conf } = await readSource(source, async (reader) => {
    const rows = await reader.tasksOf([run]);
    await source.structures.load(
      reader,
      [run, ...rows].map((row) => ({ dag_id: run.dag_id, version: row.version ?? run.version })),
    );
    return { tasks: rows, attempts: await reader.attemptsOf(run), conf: await reader.conf(run.id) };
  });
  const structureOf = (task: TaskRow): DagStructure | null =>
    source.structures.get({ dag_id: run.dag_id, version: task.version ?? run.version });
  const structure = tasks.map(structureOf).find((found) => found !== null) ?? source.structures.get(run);
  const groups = byTaskId(tasks);
  const earlier = groupedBy(attempts, taskKey);
  const now = Math.round(source.nowUs);
  const summary = summaryOf(context, source.name, run, run.keys);
  return {
    run: {
      ...summary,
      conf: conf.conf,
      clear_number: run.clear_number,
      notes: notesOn(run, tasks, structure, conf.note),
    },
    tasks: tasks.sort(byStart).map((task) => taskOf(task, structureOf(task), earlier.get(taskKey(task)) ?? [], now)),
    edges: structure ? edgesOf(structure) : [],
    transitions: transitionsOf(context, source.name, run, tasks, structureOf),
    critical_path: structure ? criticalPath(groups, structure, run.start_us, run.end_us ?? now) : null,
  };
}

function notesOn(
  run: RunRow,
  tasks: readonly TaskRow[],
  structure: DagStructure | null,
  confNote: string | null,
): string[] {
  const notes: string[] = [];
  if (!structure) notes.push('Its DAG has changed since or is gone, so the edges between its tasks are not known.');
  if (tasks.length === 0) notes.push('The source has no task instances of it.');
  if (new Set(tasks.map((task) => task.version)).size > 1) {
    notes.push('Its tasks were made from several versions of the DAG; the edges are those of one of them.');
  }
  if (run.clear_number > 0) notes.push('It was cleared and ran again, so its transitions are not measured.');
  if (confNote) notes.push(confNote);
  return notes;
}

function byStart(a: TaskRow, b: TaskRow): number {
  return (
    (a.start_us ?? Infinity) - (b.start_us ?? Infinity) ||
    a.task_id.localeCompare(b.task_id) ||
    a.map_index - b.map_index
  );
}

function taskOf(
  task: TaskRow,
  structure: DagStructure | null,
  attempts: readonly AttemptRow[],
  now: number,
): TaskInstance {
  const definition = structure?.get(task.task_id);
  const earlier = attempts.filter(({ try_number }) => try_number < task.try_number);
  return {
    ...attemptOf(task, now),
    task_id: task.task_id,
    map_index: task.map_index,
    operator: task.operator ?? definition?.operator ?? null,
    task_group: definition?.task_group ?? null,
    trigger_rule: definition?.trigger_rule ?? 'unknown',
    pool: task.pool,
    queue: task.queue,
    max_tries: task.max_tries,
    earlier_attempts: earlier.map((attempt) => attemptOf(attempt, now)),
  };
}

function attemptOf(attempt: AttemptRow, now: number): TaskAttempt {
  const until = attempt.end_us ?? (attempt.state === 'running' ? now : null);
  return {
    try_number: attempt.try_number,
    state: attempt.state,
    scheduled_at: timestamp(attempt.scheduled_us),
    queued_at: timestamp(attempt.queued_us),
    start_date: timestamp(attempt.start_us),
    end_date: timestamp(attempt.end_us),
    duration_seconds: seconds(attempt.start_us, until),
    hostname: attempt.hostname || null,
  };
}

function edgesOf(structure: DagStructure): DagEdge[] {
  return [...structure.values()].flatMap((task) =>
    task.upstream_task_ids.map((upstream) => ({ upstream_task_id: upstream, downstream_task_id: task.task_id })),
  );
}

/** All transitions of a run, in the order in which they happened. */
export function transitionsOf(
  context: ApiContext,
  source: string,
  run: RunRow,
  tasks: readonly TaskRow[],
  structureOf: (task: TaskRow) => DagStructure | null,
): Transition[] {
  const groups = byTaskId(tasks);
  const links = linksOf(context, { ...run, source });
  return tasks
    .flatMap((task) => {
      const structure = structureOf(task);
      const fact = structure && transitionTo(task, groups, structure, run.clear_number);
      return fact ? [fact] : [];
    })
    .sort((a, b) => a.task.start_us! - b.task.start_us!)
    .map((fact) => transitionView(fact, { source, dag_id: run.dag_id, run_id: run.run_id, links }));
}

function transitionView(
  fact: TransitionFact,
  run: Pick<Transition, 'source' | 'dag_id' | 'run_id' | 'links'>,
): Transition {
  const part = (us: number | null): number | null => (us === null ? null : us / 1e6);
  return {
    ...run,
    upstream_task_id: fact.upstream.task_id,
    task_id: fact.task.task_id,
    map_index: fact.task.map_index,
    ended_at: timestamp(fact.upstream.end_us!),
    started_at: timestamp(fact.task.start_us!),
    seconds: fact.us / 1e6,
    stages: { noticed: part(fact.noticed_us), queued: part(fact.queued_us), started: part(fact.started_us) },
  };
}

/** Logs of all attempts of a run, where the source keeps them in its database. */
export async function runLog(context: ApiContext, name: RunName): Promise<Page<AttemptLog>> {
  const source = sourceNamed(context, name.source);
  const items = await readSource(source, async (reader) => {
    const run = await reader.runByName(name.dag_id, name.run_id);
    return run ? (reader.logs(run.id) ?? 'elsewhere') : 'unknown';
  });
  if (items === 'unknown') throw unknownRun(name);
  if (items === 'elsewhere') {
    const where =
      'Airflow keeps task logs outside of its database, so Runbeat can not read them; open the run in Airflow.';
    throw new ApiError('no_log', where);
  }
  return { items, next_cursor: null };
}
