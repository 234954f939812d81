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
import { taskKey, type AttemptRow, type KeyedRunRow, type Micros, type RunRow, type TaskRow } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import { traceIdOf, type TraceRow } from '../sources/traces.ts';
import { expectedEnd } from '../usual/expectedEnd.ts';
import { usualOf, WHOLE_RUN } from '../usual/rings.ts';
import type { Json } from './answersUnderWay.ts';
import { readSource, sourceNamed, summaryOf, type ApiContext } from './context.ts';
import { isWorthKeeping, keepAnswer, keptAnswer, type Basis } from './keptAnswers.ts';
import { taskLink } from './links.ts';
import { ApiError } from './problems.ts';
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
  const run = await readSource(source, (reader) => reader.runByName(name.dag_id, name.run_id));
  return run ? (await detailFromSource(context, source, run)).detail : detailFromIndex(context, name);
}

/** As `runDetail`, but the answer for a large finished run is cached as JSON until something changes. */
export async function runAnswer(context: ApiContext, name: RunName): Promise<RunDetail | Json> {
  const source = sourceNamed(context, name.source);
  const { run, kept } = await readSource(source, async (reader) => {
    const found = await reader.runByName(name.dag_id, name.run_id);
    return { run: found, kept: found && (await keptAnswer(source, reader, found)) };
  });
  if (kept) return kept;
  if (!run) return detailFromIndex(context, name);
  const { detail, basis } = await detailFromSource(context, source, run);
  return basis ? keepAnswer(source, basis, detail) : detail;
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

/** `basis` is null if the answer must not be cached: it is small, or depends on the time or on other runs. */
async function detailFromSource(
  context: ApiContext,
  source: SourceObserver,
  run: KeyedRunRow,
): Promise<{ detail: RunDetail; basis: Basis | null }> {
  const { tasks, attempts, pokes, previous, conf, traces, versions, stamp } = await readSource(
    source,
    async (reader) => {
      const rows = await reader.tasksOf([run]);
      const versions = new Set([run, ...rows].map((row) => row.version ?? run.version));
      const refs = [...versions].map((version) => ({ dag_id: run.dag_id, version }));
      await source.structures.load(reader, refs);
      const dependent = [...(source.structures.get(run)?.values() ?? [])].find((task) => task.depends_on_past);
      const isOver = isFinishedRun(run.state) && rows.every((row) => isFinishedTask(row.state) && !row.rescheduled);
      const isKept = isOver && !dependent && isWorthKeeping(rows.length);
      return {
        tasks: rows,
        versions: refs,
        stamp: isKept ? await reader.stampOf(run) : null,
        attempts: await reader.attemptsOf(run),
        pokes: rows.some((row) => row.rescheduled) ? await reader.pokesOf(run) : [],
        previous: dependent ? await reader.previousOf(run, dependent.past_without_manual) : [],
        conf: await reader.conf(run.id),
        traces: traceIds(await reader.tracesOf(run)),
      };
    },
  );
  const structures = versions.map((ref) => ({ ref, structure: source.structures.get(ref) }));
  const byVersion = new Map(structures.map(({ ref, structure: known }) => [ref.version, known]));
  const structureOf = (task: TaskRow): DagStructure | null => byVersion.get(task.version ?? run.version) ?? null;
  const likeMost = tasks.find((task) => structureOf(task) !== null);
  const structure = likeMost ? structureOf(likeMost) : source.structures.get(run);
  const groups = byTaskId(tasks);
  const earlier = groupedBy(attempts, taskKey);
  const now = Math.round(source.nowUs);
  const waits = isFinishedRun(run.state) ? null : waitsOf(source, run, tasks, structure, previous);
  const summary = summaryOf(context, source.name, run, run.keys);
  const named = { ...run, source: source.name };
  const { kind } = source.status();
  const rings = await source.usual.of(run.dag_id);
  const expected = structure ? expectedEnd(run, groups, structure, rings, now) : null;
  const usualOfTasks = new Map([...groups.keys()].map((taskId) => [taskId, usualOf(rings.get(taskId))]));
  const detail: RunDetail = {
    run: {
      ...summary,
      expected_end: timestamp(expected?.endUs ?? null),
      waiting: waitingOf(waits?.ofRun() ?? null),
      conf: conf.conf,
      clear_number: run.clear_number,
      notes: notesOn(run, tasks, structure, conf.note),
      usual: usualOf(rings.get(WHOLE_RUN)),
      trace_id: traces.get(null) ?? null,
    },
    tasks: tasks.sort(byStart).map((task) => {
      const key = taskKey(task);
      return taskOf(task, {
        structure: structureOf(task),
        attempts: earlier.get(key) ?? [],
        now,
        waits,
        usual: usualOfTasks.get(task.task_id) ?? null,
        trace_id: traces.get(key) ?? null,
        external: taskLink(named, task, kind, source.config.uiUrl),
        expectedUs: isFinishedTask(task.state) ? null : (expected?.tasks.get(task.task_id) ?? null),
      });
    }),
    edges: structure ? edgesOf(structure) : [],
    transitions: transitionsOf(run, tasks, structureOf, groups),
    critical_path: structure
      ? criticalPath({
          tasks: groups,
          structure,
          attempts: earlier,
          firstPokes: new Map(pokes.map((poke) => [taskKey(poke), poke.first_us])),
          pastEnds: pastEnds(previous, structure),
          startUs: run.start_us,
          endUs: run.end_us ?? now,
        })
      : null,
  };
  return { detail, basis: stamp === null ? null : { run, stamp, structures, rings } };
}

/** Trace ids by taskKey; the trace id of the run has the key null. */
function traceIds(rows: readonly TraceRow[]): Map<string | null, string> {
  return new Map(
    rows.flatMap(({ task_id, map_index, traceparent }) => {
      const id = traceIdOf(traceparent);
      return id === null ? [] : [[task_id === null ? null : taskKey({ task_id, map_index }), id] as const];
    }),
  );
}

function notesOn(
  run: KeyedRunRow,
  tasks: readonly TaskRow[],
  structure: DagStructure | null,
  confNote: string | null,
): string[] {
  const notes: string[] = [];
  if (!structure)
    notes.push('Its DAG has changed since then or is gone, so the edges between its tasks are not known.');
  if (tasks.length === 0) notes.push('The source has no task instances of it.');
  if (new Set(tasks.map((task) => task.version)).size > 1) {
    notes.push('Its tasks come from several versions of the DAG. The edges are those of one version.');
  }
  if (run.clear_number > 0) notes.push('The run was cleared and ran again, so its transitions are not measured.');
  if (confNote) notes.push(confNote);
  return [...notes, ...leftOutNotes(run.leftOut)];
}

function byStart(a: TaskRow, b: TaskRow): number {
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
  trace_id: string | null;
  external: string | null;
  expectedUs: Micros | null;
}

/** Written as one literal: with thousands of task instances, spreading objects would dominate the cost. */
function taskOf(task: TaskRow, around: AroundTask): TaskInstance {
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
    waiting: waitingOf(around.waits?.ofTask(task) ?? null),
    earlier_attempts: earlier.map((attempt) => attemptOf(attempt, now)),
    usual: around.usual,
    trace_id: around.trace_id,
    external: around.external,
    expected_end: timestamp(around.expectedUs),
  };
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

/** All transitions of a run, in the order in which they happened. */
export function transitionsOf(
  run: RunRow,
  tasks: readonly TaskRow[],
  structureOf: (task: TaskRow) => DagStructure | null,
  groups = byTaskId(tasks),
): RunTransition[] {
  return tasks
    .flatMap((task) => {
      const structure = structureOf(task);
      const fact = structure && transitionTo(task, groups, structure, run.clear_number);
      return fact ? [fact] : [];
    })
    .sort((a, b) => a.task.start_us! - b.task.start_us!)
    .map(transitionView);
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
