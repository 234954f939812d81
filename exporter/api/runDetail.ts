import type { RunDetail, TaskAttempt, TaskInstance, RunTransition } from '../../shared/api.ts';
import type { DagEdge } from '../../shared/dag.ts';
import type { SourceObserver } from '../collectors/sourceObserver.ts';
import { criticalPath } from '../flow/criticalPath.ts';
import { pastEnds } from '../flow/pastEnds.ts';
import { byTaskId, transitionTo, type TransitionFact } from '../flow/transitions.ts';
import { isFinishedRun, isFinishedTask } from '../../shared/states.ts';
import type { RunWaits } from '../flow/waiting/book.ts';
import { groupedBy } from '../../shared/groupedBy.ts';
import { leftOutNotes } from '../sources/keys.ts';
import {
  taskKey,
  type AttemptRow,
  type KeyedRunRow,
  type Micros,
  type PastTaskRow,
  type RunRow,
  type TaskRow,
  type Traced,
} from '../sources/rows.ts';
import { newestVersion, type DagStructure } from '../sources/structure.ts';
import { traceIdOf } from '../sources/traces.ts';
import { expectedEnd } from '../usual/expectedEnd.ts';
import { usualOf, WHOLE_RUN } from '../usual/rings.ts';
import { Json } from './answersUnderWay.ts';
import { readSource, sourceNamed, summaryOf, type ApiContext } from './context.ts';
import { answerAsJson, keptAnswer, type Basis, type DetailInParts } from './keptAnswers.ts';
import { taskLinks } from './links.ts';
import { ApiError } from './problems.ts';
import { readRun, type ReadRun } from './readRun.ts';
import { seconds, timestamp } from './time.ts';
import { waitingOf, waitsOf } from './waiting.ts';

export interface RunName {
  source: string;
  dag_id: string;
  run_id: string;
}

/** Everything about one run. If the source has deleted its rows, the answer comes from the index alone, with a note. */
export async function runDetail(context: ApiContext, name: RunName): Promise<RunDetail> {
  const source = sourceNamed(context, name.source);
  const read = await readSource(source, async (reader) => {
    const run = await reader.runByName(name.dag_id, name.run_id);
    return run && readRun(source, reader, run);
  });
  if (!read) return detailFromIndex(context, name);
  const { detail } = await detailOf(context, source, read);
  return { ...detail, tasks: [...detail.tasks], transitions: [...detail.transitions] };
}

/** As `runDetail`, but as JSON. The answer for a large finished run is cached until something changes. */
export async function runAnswer(context: ApiContext, name: RunName): Promise<RunDetail | Json> {
  const source = sourceNamed(context, name.source);
  const read = await readSource(source, async (reader) => {
    const run = await reader.runByName(name.dag_id, name.run_id);
    if (!run) return null;
    const { answer, ...known } = await keptAnswer(source, reader, run);
    return answer ?? readRun(source, reader, run, known);
  });
  if (read instanceof Json) return read;
  if (!read) return detailFromIndex(context, name);
  const { detail, basis } = await detailOf(context, source, read);
  return answerAsJson(source, basis, detail);
}

async function detailFromIndex(context: ApiContext, name: RunName): Promise<RunDetail> {
  const found = await context.index.run(name.source, name.dag_id, name.run_id);
  if (!found) throw unknownRun(name);
  const notes = ['The source no longer has the rows of this run. The index has kept only this summary.'];
  const run = {
    ...summaryOf(context, name.source, found, found.keys ?? {}, true),
    conf: null,
    clear_number: found.clear_number,
    notes,
    usual: null,
    trace_id: null,
  };
  return { run, tasks: [], edges: [], transitions: [], critical_path: null };
}

export function unknownRun({ source, dag_id, run_id }: RunName): ApiError {
  return new ApiError(
    'unknown_run',
    `Source "${source}" has no run "${run_id}" of DAG "${dag_id}", and the index has no record of one.`,
  );
}

/** `basis` is null if the answer must not be cached. */
async function detailOf(
  context: ApiContext,
  source: SourceObserver,
  { run, tasks, attempts, pokes, previous, conf, versions, stamp }: ReadRun,
): Promise<{ detail: DetailInParts; basis: Basis | null }> {
  const structures = versions.map((ref) => ({ ref, structure: source.structures.get(ref) }));
  const byVersion = new Map(structures.map(({ ref, structure: known }) => [ref.version, known]));
  const structureOf: StructureOf = (task) => byVersion.get(task.version ?? run.version) ?? null;
  const version = newestVersion(tasks.filter((task) => structureOf(task) !== null)) ?? run.version;
  const structure = byVersion.get(version) ?? source.structures.get(run);
  const groups = byTaskId(tasks);
  // For a task that had not begun when its run was cleared, Airflow 3 writes a failed try with the number 0.
  const earlier = groupedBy(
    attempts.filter((attempt) => attempt.try_number > 0),
    taskKey,
  );
  const attemptsOf = (task: PastTaskRow): readonly AttemptRow[] =>
    (earlier.size > 0 && earlier.get(taskKey(task))) || [];
  const now = Math.round(source.nowUs);
  const waits = isFinishedRun(run.state) ? null : waitsOf(source, run, tasks.filter(mayWait), structure, previous);
  const summary = summaryOf(context, source.name, run, run.keys);
  const linkOf = taskLinks({ ...run, source: source.name }, source.status().kind, source.config.uiUrl);
  const rings = await source.usual.of(run.dag_id);
  const expected = structure ? expectedEnd(run, groups, structure, rings, now) : null;
  const inOrder = [...tasks].sort(byStart);
  const usualOfTasks = new Map([...groups.keys()].map((taskId) => [taskId, usualOf(rings.get(taskId))]));
  const detail: DetailInParts = {
    run: {
      ...summary,
      expected_end: timestamp(expected?.endUs ?? null),
      waiting: waitingOf(waits?.ofRun() ?? null),
      conf: conf.conf,
      clear_number: run.clear_number,
      notes: notesOn(run, tasks, structure, conf.note),
      usual: usualOf(rings.get(WHOLE_RUN)),
      trace_id: traceIdOf(conf.traceparent),
    },
    tasks: each(inOrder, (task) =>
      taskOf(task, {
        structure: structureOf(task),
        attempts: attemptsOf(task),
        now,
        waits,
        usual: usualOfTasks.get(task.task_id) ?? null,
        external: linkOf(task),
        expectedUs: isFinishedTask(task.state) ? null : (expected?.tasks.get(task.task_id) ?? null),
      }),
    ),
    edges: structure ? edgesOf(structure) : [],
    transitions: transitionsOf(run, inOrder, structureOf, groups),
    critical_path: structure
      ? criticalPath({
          tasks: groups,
          structure,
          attempts: earlier,
          firstPokes: new Map(pokes.map((poke) => [taskKey(poke), poke.first_us])),
          pastEnds: pastEnds(previous, structure),
          startUs: run.start_us,
          notBeforeUs: source.status().kind === 'airflow3' ? run.logical_us : null,
          endUs: run.end_us ?? now,
        })
      : null,
  };
  return { detail, basis: stamp === null ? null : { run, stamp, structures, rings } };
}

function* each<Row, View>(rows: readonly Row[], viewOf: (row: Row) => View): Generator<View> {
  for (const row of rows) yield viewOf(row);
}

function notesOn(
  run: KeyedRunRow,
  tasks: readonly PastTaskRow[],
  structure: DagStructure | null,
  confNote: string | null,
): string[] {
  const notes: string[] = [];
  if (!structure)
    notes.push('Its DAG has changed since then or is gone, so the edges between its tasks are not known.');
  if (tasks.length === 0) notes.push('The source has no task instances of it.');
  if (new Set(tasks.map((task) => task.version)).size > 1) {
    notes.push('Its tasks come from several versions of the DAG. The edges are those of the newest one.');
  }
  if (run.clear_number > 0) notes.push('The run was cleared and ran again, so its transitions are not measured.');
  if (confNote) notes.push(confNote);
  return [...notes, ...leftOutNotes(run.leftOut)];
}

function byStart(a: PastTaskRow, b: PastTaskRow): number {
  return (
    (a.start_us ?? Infinity) - (b.start_us ?? Infinity) ||
    (a.task_id === b.task_id ? 0 : a.task_id.localeCompare(b.task_id)) ||
    a.map_index - b.map_index
  );
}

interface AroundTask {
  structure: DagStructure | null;
  attempts: readonly AttemptRow[];
  now: number;
  waits: RunWaits | null;
  usual: TaskInstance['usual'];
  external: string | null;
  expectedUs: Micros | null;
}

/** Written as one literal: with thousands of task instances, spreading objects would dominate the cost. */
function taskOf(task: Traced<PastTaskRow>, around: AroundTask): TaskInstance {
  const { attempts, now } = around;
  const definition = around.structure?.get(task.task_id);
  const earlier = attempts.length === 0 ? [] : attempts.filter(({ try_number }) => try_number < task.try_number);
  return {
    try_number: task.try_number,
    state: task.state,
    scheduled_at: timestamp(task.scheduled_us),
    queued_at: timestamp(task.queued_us),
    start_date: timestamp(task.start_us),
    end_date: timestamp(task.end_us),
    duration_seconds: durationOf(task, now),
    hostname: task.hostname || null,
    task_id: task.task_id,
    map_index: task.map_index,
    operator: task.operator ?? definition?.operator ?? null,
    task_group: definition?.task_group ?? null,
    trigger_rule: definition?.trigger_rule ?? 'unknown',
    pool: task.pool,
    queue: task.queue,
    max_tries: task.max_tries,
    waiting: around.waits && mayWait(task) ? waitingOf(around.waits.ofTask(task)) : null,
    earlier_attempts: earlier.map((attempt) => attemptOf(attempt, now)),
    usual: around.usual,
    trace_id: traceIdOf(task.traceparent),
    external: around.external,
    expected_end: timestamp(around.expectedUs),
  };
}

function mayWait<Row extends PastTaskRow>(task: Row): task is Row & TaskRow {
  return 'next_try_us' in task;
}

function attemptOf(attempt: AttemptRow, now: number): TaskAttempt {
  return {
    try_number: attempt.try_number,
    state: attempt.state,
    scheduled_at: timestamp(attempt.scheduled_us),
    queued_at: timestamp(attempt.queued_us),
    start_date: timestamp(attempt.start_us),
    end_date: timestamp(attempt.end_us),
    duration_seconds: durationOf(attempt, now),
    hostname: attempt.hostname || null,
  };
}

function durationOf({ start_us, end_us, state }: AttemptRow, now: Micros): number | null {
  return seconds(start_us, end_us ?? (state === 'running' ? now : null));
}

function edgesOf(structure: DagStructure): DagEdge[] {
  return [...structure.values()].flatMap((task) =>
    task.upstream_task_ids.map((upstream) => ({ upstream_task_id: upstream, downstream_task_id: task.task_id })),
  );
}

export type StructureOf = (task: PastTaskRow) => DagStructure | null;

/** All transitions of a run, in the order of its tasks. */
export function* transitionsOf(
  run: RunRow,
  tasks: readonly PastTaskRow[],
  structureOf: StructureOf,
  groups = byTaskId(tasks),
): Generator<RunTransition> {
  for (const task of tasks) {
    const structure = structureOf(task);
    const fact = structure && transitionTo(task, groups, structure, run.clear_number);
    if (fact) yield transitionView(fact);
  }
}

function transitionView(fact: TransitionFact): RunTransition {
  const part = (us: number | null): number | null => (us === null ? null : us / 1e6);
  return {
    upstream_task_id: fact.upstream.task_id,
    task_id: fact.task.task_id,
    map_index: fact.task.map_index,
    ended_at: timestamp(fact.upstream.end_us!),
    started_at: timestamp(fact.task.start_us!),
    seconds: fact.us / 1e6,
    stages: { noticed: part(fact.noticed_us), queued: part(fact.queued_us), started: part(fact.started_us) },
  };
}
