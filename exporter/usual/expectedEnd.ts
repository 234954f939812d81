import { isFinishedTask } from '../../shared/states.ts';
import { FIRST_OF, type TasksById } from '../flow/transitions.ts';
import type { Micros, RunRow, PastTaskRow } from '../sources/rows.ts';
import type { DagStructure, TaskStructure } from '../sources/structure.ts';
import { executed, median, shareOfRuns, WHOLE_RUN, type DagRings, type Ring } from './rings.ts';

/** Minimum number of runs for an estimate. */
const LEAST_RUNS = 3;
const NOT_RUN: readonly (string | null)[] = ['skipped', 'upstream_failed', 'removed'];
/** Trigger rules by which one skipped or failed upstream keeps the task from running. */
const NEEDS_ALL: readonly string[] = ['all_success', 'none_skipped', 'all_done_min_one_success'];

export interface Expectation {
  /** When the run will end. */
  endUs: Micros;
  /** When each unfinished task that is expected to run will end. */
  tasks: ReadonlyMap<string, Micros>;
}

/**
 * Estimates when an active run will end: by its critical path from now on, with the usual waiting times and durations of its tasks. For
 * a task that has run longer than usual, only earlier runs that took as long are considered. Null if too little is known.
 */
export function expectedEnd(
  run: RunRow,
  tasks: TasksById,
  structure: DagStructure,
  rings: DagRings,
  nowUs: Micros,
): Expectation | null {
  const whole = rings.get(WHOLE_RUN);
  if (run.start_us === null || run.end_us !== null || !whole || whole.running.length < LEAST_RUNS) return null;
  const now = Math.max(nowUs, run.start_us);
  if ([...structure.values()].some((task) => task.loop !== null)) return byWholeRuns(whole, run.start_us, now);
  const forecast = new Forecast(tasks, structure, rings, run.start_us, now);
  const scale = scaleOf(structure, rings);
  const scaled = (us: Micros): Micros => Math.round(now + Math.max(0, us - now) * scale);
  const ends = new Map<string, Micros>();
  for (const id of structure.keys()) if (forecast.isOpen(id)) ends.set(id, scaled(forecast.end(id)));
  return { endUs: scaled(forecast.last() + median(whole.waiting)), tasks: ends };
}

/** How many iterations a loop will have shows in no structure, but in how long the DAG's runs usually take. */
function byWholeRuns(whole: Ring, startUs: Micros, nowUs: Micros): Expectation {
  return { endUs: nowUs + remaining(executed(whole), nowUs - startUs), tasks: new Map() };
}

const SCALES = new WeakMap<DagRings, number>();

/**
 * How much longer whole runs take than a path of medians. Of several parallel branches, the slowest one counts, and that is usually
 * slower than the median of any single branch.
 */
function scaleOf(structure: DagStructure, rings: DagRings): number {
  let scale = SCALES.get(rings);
  if (scale === undefined) {
    const whole = rings.get(WHOLE_RUN)!;
    const planned = new Forecast(new Map(), structure, rings, 0, 0).last() + median(whole.waiting);
    scale = planned > 0 ? Math.min(2, Math.max(0.5, median(whole.running) / planned)) : 1;
    SCALES.set(rings, scale);
  }
  return scale;
}

class Forecast {
  private readonly ends = new Map<string, Micros>();
  private readonly runs = new Map<string, boolean>();

  constructor(
    private readonly tasks: TasksById,
    private readonly structure: DagStructure,
    private readonly rings: DagRings,
    private readonly startUs: Micros,
    private readonly nowUs: Micros,
  ) {}

  last(): Micros {
    let last = this.nowUs;
    for (const id of this.structure.keys()) last = Math.max(last, this.end(id));
    return last;
  }

  isOpen(id: string): boolean {
    return !this.isOver(id) && this.willRun(id);
  }

  end(id: string): Micros {
    let end = this.ends.get(id);
    if (end === undefined) {
      // Set before recursion, so that a cycle in damaged data terminates.
      this.ends.set(id, this.nowUs);
      this.ends.set(id, (end = this.forecast(id)));
    }
    return end;
  }

  private forecast(id: string): Micros {
    const rows = this.tasks.get(id) ?? [];
    if (this.isOver(id)) return Math.max(this.startUs, ...rows.map((row) => row.end_us ?? this.startUs));
    const durations = executed(this.rings.get(id));
    const started = rows.filter((row) => row.state === 'running' && row.start_us !== null);
    if (started.length > 0) {
      const elapsed = this.nowUs - Math.min(...started.map((row) => row.start_us!));
      return this.nowUs + remaining(durations, elapsed);
    }
    const ready = this.readyAt(id);
    if (!this.willRun(id)) return ready;
    return Math.max(this.nowUs, ready + median(this.rings.get(id)?.waiting ?? [])) + median(durations);
  }

  private readyAt(id: string): Micros {
    const { upstream_task_ids: upstreams = [], trigger_rule: rule = '' } = this.definition(id);
    const ends = upstreams.filter((up) => this.structure.has(up)).map((up) => this.end(up));
    if (ends.length === 0 || rule === 'always') return this.startUs;
    return FIRST_OF[rule] ? Math.min(...ends) : Math.max(...ends);
  }

  private isOver(id: string): boolean {
    const rows = this.tasks.get(id) ?? [];
    return rows.length > 0 && rows.every((row) => isFinishedTask(row.state));
  }

  /** Whether an unfinished task will run: according to its upstreams once they have ended, otherwise if it usually runs. */
  private willRun(id: string): boolean {
    let runs = this.runs.get(id);
    if (runs === undefined) {
      this.runs.set(id, true);
      this.runs.set(id, (runs = this.decide(id)));
    }
    return runs;
  }

  private decide(id: string): boolean {
    const rows = this.tasks.get(id) ?? [];
    if (rows.some((row) => row.start_us !== null || hasLeft(row)))
      return rows.some((row) => !NOT_RUN.includes(row.state));
    const { upstream_task_ids: upstreams = [], trigger_rule: rule = '' } = this.definition(id);
    const known = upstreams.filter((up) => this.structure.has(up));
    const missing = known.filter((up) => this.didNotRun(up));
    if (missing.length > 0 && (NEEDS_ALL.includes(rule) || missing.length === known.length)) return false;
    if (known.length > 0 && known.every((up) => this.isOver(up))) return true;
    return shareOfRuns(this.rings.get(id)) >= 0.5;
  }

  private didNotRun(id: string): boolean {
    if (!this.isOver(id)) return !this.willRun(id);
    return (this.tasks.get(id) ?? []).every((row) => NOT_RUN.includes(row.state));
  }

  private definition(id: string): Partial<TaskStructure> {
    return this.structure.get(id) ?? {};
  }
}

function hasLeft({ state }: PastTaskRow): boolean {
  return state !== null && !isFinishedTask(state);
}

/** Time left according to the median of the runs that took longer than this one has taken so far. */
function remaining(sorted: readonly Micros[], elapsed: Micros): Micros {
  const longer = sorted.filter((us) => us > elapsed);
  return longer.length > 0 ? median(longer) - elapsed : elapsed / 10;
}
