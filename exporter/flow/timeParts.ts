import type { TimeParts } from '../../shared/api.ts';
import { isFinishedTask, isParkedTask } from '../../shared/states.ts';
import type { AttemptRow, Micros, PastTaskRow } from '../sources/rows.ts';
import type { TaskStructure } from '../sources/structure.ts';
import { isMarkedByHand, wasNeverBegun } from './executed.ts';
import { retryDueBy } from './retryDue.ts';

export type Part = keyof TimeParts extends `${infer Name}_seconds` ? Name : never;

export interface StepFacts {
  task: PastTaskRow;
  definition: TaskStructure | undefined;
  /** Earlier tries, oldest first. */
  attempts: readonly AttemptRow[];
  firstPokeUs: Micros | null;
  pastEndUs: Micros | null;
  notBeforeUs: Micros | null;
}

/** The end of a part of the time. If no timestamp says when it ended, it is null, and its time is attributed to the next part. */
type Mark = readonly [Part, Micros | null];

/** Divides the time between two moments into parts. Timestamps outside are clamped, so the parts add up to the whole. */
export function partsOfStep(facts: StepFacts, from: Micros, until: Micros): Record<Part, Micros> {
  const parts: Record<Part, Micros> = {
    scheduler: 0,
    slot: 0,
    work: 0,
    retry: 0,
    past: 0,
    sensor: 0,
    deferred: 0,
    unknown: 0,
  };
  let at = from;
  const before: Mark[] = [
    ['unknown', facts.notBeforeUs],
    ['past', facts.pastEndUs],
  ];
  for (const [part, moment] of [...before, ...marksOf(facts, from, until)]) {
    if (moment === null) continue;
    const next = Math.min(Math.max(moment, at), until);
    parts[part] += next - at;
    at = next;
  }
  return parts;
}

/** The last mark is always at `until`. */
function marksOf(facts: StepFacts, from: Micros, until: Micros): Mark[] {
  const { task, definition } = facts;
  if (wasNeverBegun(task)) return neverBegun(task, from, until);
  if (isMarkedByHand(task, definition)) return [['unknown', until]];
  if (task.rescheduled || task.state === 'up_for_reschedule')
    return [...retryMarks(facts, from), ['unknown', facts.firstPokeUs], ['sensor', until]];
  if (task.start_us === null || (!isFinishedTask(task.state) && task.queued_us === null)) return unstarted(task, until);
  if (isParkedTask(task.state)) return [...retryMarks(facts, from), ['unknown', task.start_us], ['deferred', until]];
  if (task.queued_us !== null && task.queued_us > task.start_us)
    return [...retryMarks(facts, from), ...resumed(task, until)];
  if (task.state === 'up_for_retry') return [...startOf(task), ['work', task.end_us], ['retry', until]];
  const running: Part = definition?.is_sensor ? 'sensor' : 'work';
  return [...retryMarks(facts, from), ...startOf(task), [running, until]];
}

/** Marks for noticed, queued and started. Without a timestamp of the scheduler, the first two can't be separated. */
function startOf(attempt: Pick<PastTaskRow, 'scheduled_us' | 'queued_us' | 'start_us'>): Mark[] {
  const { scheduled_us: scheduled, queued_us: queued, start_us: start } = attempt;
  if (scheduled !== null && start !== null && scheduled <= start)
    return [
      ['scheduler', scheduled],
      ['slot', start],
    ];
  return queued !== null
    ? [
        ['unknown', queued],
        ['slot', start],
      ]
    : [['scheduler', start]];
}

/**
 * Marks for earlier tries and the delays after them, up to when the present try was due. Tries before `from` are those of a run that was
 * cleared and has come to this task again.
 */
function retryMarks({ task, definition, attempts }: StepFacts, from: Micros): Mark[] {
  const known = attempts.filter((attempt) => attempt.try_number < task.try_number);
  const earlier = known.filter(({ end_us: end }) => end === null || end > from);
  if (earlier.length === 0 && (task.try_number <= 1 || known.length > 0)) return [];
  const [first] = earlier;
  const last = earlier.at(-1);
  const due =
    last?.end_us != null && definition?.retry ? retryDueBy(definition.retry, last.try_number, last.end_us) : null;
  const begun = task.scheduled_us ?? task.queued_us ?? task.start_us;
  return [...(first ? startOf(first) : []), ['retry', due !== null && begun !== null ? Math.min(due, begun) : begun]];
}

/** Queued a second time, after its trigger fired. Airflow records no time for that second start. */
function resumed(task: PastTaskRow, until: Micros): Mark[] {
  const fired = task.scheduled_us !== null && task.scheduled_us > task.start_us! ? task.scheduled_us : task.queued_us;
  return [
    ['unknown', task.start_us],
    ['deferred', fired],
    ['work', until],
  ];
}

/** The scheduler may have noticed the task before a person ended it. Airflow 2 has no time of that, but the task has a try then. */
function neverBegun(task: PastTaskRow, from: Micros, until: Micros): Mark[] {
  const { scheduled_us: scheduled, state, try_number: tries } = task;
  if (scheduled === null || scheduled < from)
    return [[state === 'skipped' && tries > 0 ? 'unknown' : 'scheduler', until]];
  return [
    ['scheduler', scheduled],
    ['slot', until],
  ];
}

function unstarted(task: PastTaskRow, until: Micros): Mark[] {
  if (task.end_us !== null) return [['unknown', until]];
  if (task.scheduled_us !== null)
    return [
      ['scheduler', task.scheduled_us],
      ['slot', until],
    ];
  return [
    ['unknown', task.queued_us],
    [task.queued_us === null ? 'unknown' : 'slot', until],
  ];
}
