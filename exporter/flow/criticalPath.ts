import type { CriticalPath, CriticalPathStep, TimeParts } from '../../shared/api.ts';
import { isFinishedTask } from '../../shared/states.ts';
import { taskKey, type AttemptRow, type Micros, type PastTaskRow } from '../sources/rows.ts';
import type { DagStructure, TaskStructure } from '../sources/structure.ts';
import { wasNeverBegun } from './executed.ts';
import { partsOfStep, type Part, type StepFacts } from './timeParts.ts';
import { FIRST_OF, instancesFor, upstreamIdsOf, type TasksById } from './transitions.ts';

const SECOND = 1e6;

/** What a run's critical path is computed from. */
export interface PathFacts {
  tasks: TasksById;
  structure: DagStructure;
  /** Earlier tries, oldest first, by taskKey; empty if the source keeps none. */
  attempts: ReadonlyMap<string, readonly AttemptRow[]>;
  /** First poke of rescheduling sensors, by taskKey. */
  firstPokes: ReadonlyMap<string, Micros>;
  /** By task_id: when the tasks of the DAG's previous run had ended that the task waited for. */
  pastEnds: ReadonlyMap<string, Micros>;
  startUs: Micros | null;
  /** When the scheduler first looks at its tasks, if that is later than its start: at its logical date in Airflow 3. */
  notBeforeUs: Micros | null;
  /** End of the run, or now if it is unfinished. */
  endUs: Micros;
}

/**
 * The chain of tasks that determined when the run ended, from its first task to its last. From each task it goes back to the
 * upstream that the task really waited for, even if that was skipped or failed. Steps follow one another without gaps or overlaps,
 * so their parts and the tail add up to the run's duration. Null until something has happened in the run.
 */
export function criticalPath(facts: PathFacts): CriticalPath | null {
  const { startUs, endUs } = facts;
  if (startUs === null) return null;
  const chain = chainOf(facts);
  if (chain.length === 0) return null;
  const within = (moment: Micros, until: Micros): Micros => Math.min(Math.max(moment, startUs), until);
  let until = within(endOf(chain[0]!, facts), endUs);
  const tail = endUs - until;
  const steps: { task: PastTaskRow; parts: Record<Part, Micros> }[] = [];
  for (const [at, task] of chain.entries()) {
    const before = chain[at + 1];
    const from = before ? within(endOf(before, facts), until) : startUs;
    steps.unshift({ task, parts: partsOfStep(stepFacts(task, facts), from, until) });
    until = from;
  }
  return { steps: steps.map(viewOf), ...inSeconds(summed(steps)), tail_seconds: tail / SECOND };
}

/** From the last task back to the first. */
function chainOf(facts: PathFacts): PastTaskRow[] {
  const chain: PastTaskRow[] = [];
  const seen = new Set<PastTaskRow>();
  let task = lastOf([...facts.tasks.values()].flat().filter(hasBegun), facts);
  while (task && !seen.has(task)) {
    seen.add(task);
    chain.push(task);
    task = waitedFor(task, facts);
  }
  return chain;
}

function hasBegun(task: PastTaskRow): boolean {
  return task.state !== null && task.state !== 'removed' && (task.start_us !== null || task.end_us === null);
}

function lastOf(tasks: readonly PastTaskRow[], facts: PathFacts): PastTaskRow | null {
  return tasks.reduce<PastTaskRow | null>(
    (last, next) => (last && endOf(last, facts) >= endOf(next, facts) ? last : next),
    null,
  );
}

/** When the downstreams of a task could proceed. A branch writes the end of the tasks that it skips before its own end. */
function endOf(task: PastTaskRow, facts: PathFacts): Micros {
  // The end of a try is not the end of the task if another try follows.
  if (!wasNeverBegun(task)) return isFinishedTask(task.state) ? (task.end_us ?? facts.endUs) : facts.endUs;
  return Math.max(task.end_us ?? 0, waitedFor(task, facts)?.end_us ?? 0);
}

/** The instance whose end let the task proceed, usually of an upstream; null if it waited for none. */
function waitedFor(task: PastTaskRow, { tasks, structure }: PathFacts): PastTaskRow | null {
  const definition = structure.get(task.task_id);
  if (!definition || definition.trigger_rule === 'always') return null;
  const ended = (ids: readonly string[]): PastTaskRow[] =>
    ids
      .flatMap((id) => instancesFor(task, id, tasks, definition, structure))
      .filter((one) => one.end_us !== null && one.state !== 'removed');
  const upstreams = ended(upstreamIdsOf(task, definition));
  const deciding = upstreams.filter((upstream) => decidedAlone(upstream, task, definition));
  const last = deciding.length > 0 ? deciding.reduce((a, b) => (b.end_us! < a.end_us! ? b : a)) : lastEnded(upstreams);
  // What never started may not have waited for the rest of its scope.
  if (!last || wasNeverBegun(task)) return last;
  const scope = ended(definition.scope_task_ids).filter((one) => one.end_us! <= (task.start_us ?? Infinity));
  return lastEnded([last, ...scope]);
}

function lastEnded(tasks: readonly PastTaskRow[]): PastTaskRow | null {
  return tasks.length > 0 ? tasks.reduce((a, b) => (b.end_us! > a.end_us! ? b : a)) : null;
}

type GivenUp = 'skipped' | 'upstream_failed';
const FAILED = ['failed', 'upstream_failed'];

/**
 * By trigger rule: upstream states of which a single one makes the scheduler skip or fail a task. Without such a state, it waits for
 * all upstreams.
 */
const GIVEN_UP_BY: Readonly<Record<GivenUp, Readonly<Record<string, readonly string[]>>>> = {
  skipped: {
    all_success: ['skipped'],
    all_failed: ['success', 'skipped'],
    all_done_min_one_success: ['skipped'],
    all_skipped: ['success', ...FAILED],
    none_skipped: ['skipped'],
  },
  upstream_failed: { all_success: FAILED, none_failed: FAILED, none_failed_min_one_success: FAILED },
};

/** Whether the state of this upstream alone decided: to start the task, or to skip or fail it. */
function decidedAlone(upstream: PastTaskRow, task: PastTaskRow, { trigger_rule: rule }: TaskStructure): boolean {
  const enough = wasNeverBegun(task) ? GIVEN_UP_BY[task.state as GivenUp][rule] : FIRST_OF[rule];
  return enough?.includes(upstream.state ?? '') ?? false;
}

function stepFacts(task: PastTaskRow, facts: PathFacts): StepFacts {
  const definition = facts.structure.get(task.task_id);
  return {
    task,
    definition,
    attempts: facts.attempts.get(taskKey(task)) ?? [],
    firstPokeUs: facts.firstPokes.get(taskKey(task)) ?? null,
    notBeforeUs: facts.notBeforeUs,
    pastEndUs: definition?.depends_on_past ? (facts.pastEnds.get(task.task_id) ?? null) : null,
  };
}

function viewOf({ task, parts }: { task: PastTaskRow; parts: Record<Part, Micros> }): CriticalPathStep {
  return { task_id: task.task_id, map_index: task.map_index, state: task.state, ...inSeconds(parts) };
}

function summed(steps: readonly { parts: Record<Part, Micros> }[]): Record<Part, Micros> {
  const total = (part: Part): Micros => steps.reduce((sum, step) => sum + step.parts[part], 0);
  return Object.fromEntries(Object.keys(steps[0]!.parts).map((part) => [part, total(part as Part)])) as Record<
    Part,
    Micros
  >;
}

function inSeconds(parts: Record<Part, Micros>): TimeParts {
  return Object.fromEntries(
    Object.entries(parts).map(([part, us]) => [`${part}_seconds`, us / SECOND]),
  ) as unknown as TimeParts;
}
