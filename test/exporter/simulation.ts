/** The DAG that a simulation runs: tasks in the order in which they can be planned. */
export interface Shape {
  tasks: readonly string[];
  edges: readonly (readonly [string, string])[];
  /** Trigger rules other than all_success. */
  rules: Readonly<Record<string, string>>;
  /** The number of steps of a run after which each task has ended. */
  levels: Readonly<Record<string, number>>;
  /** How many instances a mapped task has. */
  mapped: Readonly<Record<string, number>>;
  /** Whether tasks are marked by hand and deferred, which only Airflow supports. */
  isVaried: boolean;
}

export const DAGS = ['alpha', 'beta', 'gamma'];
/** A run has ended after this many steps. */
export const ENDED = 4;
/** Tasks from this level on are cleared, and run a second time. */
const CLEARED = 3;

export const PLAIN: Shape = {
  tasks: ['a', 'b', 'c', 'd', 'j1', 'j2', 'k', 'z'],
  edges: [
    ['a', 'b'],
    ['a', 'c'],
    ['a', 'd'],
    ['b', 'j1'],
    ['c', 'j1'],
    ['c', 'j2'],
    ['d', 'j2'],
    ['j1', 'k'],
    ['j2', 'k'],
    ['k', 'z'],
  ],
  rules: { j2: 'one_success', k: 'none_failed_min_one_success', z: 'always' },
  levels: { a: 0, b: 1, c: 1, d: 1, j1: 2, j2: 2, k: 3, z: 4 },
  mapped: {},
  isVaried: false,
};

/** A task whose end Airflow writes twice, a second apart. */
export const WRITTEN_TWICE = 'w';

/** With a mapped task, one that waits for all of its instances, and one whose end is written twice. */
export const VARIED: Shape = {
  ...PLAIN,
  tasks: [...PLAIN.tasks, 'm', 'n', WRITTEN_TWICE],
  edges: [...PLAIN.edges, ['b', 'm'], ['m', 'n'], ['a', WRITTEN_TWICE]],
  levels: { ...PLAIN.levels, m: 2, n: 3, [WRITTEN_TWICE]: 1 },
  mapped: { m: 3 },
  isVaried: true,
};

/** How many task instances a run has. */
export function instancesOf({ tasks, mapped }: Shape): number {
  return tasks.reduce((sum, task) => sum + (mapped[task] ?? 1), 0);
}

export interface PlannedTask {
  task_id: string;
  map_index: number;
  state: string;
  try_number: number;
  reschedules: number;
  scheduled_us: number | null;
  queued_us: number | null;
  start_us: number;
  end_us: number;
}

export interface PlannedRun {
  dag_id: string;
  run_id: string;
  state: string;
  queued_us: number;
  start_us: number;
  end_us: number;
  tasks: PlannedTask[];
}

/** Random numbers from 0 to 1. Small and good enough (mulberry32, public domain). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Tasks of a run that end after more than `from` and at most `to` of its steps. */
export function endingWithin({ levels }: Shape, { tasks }: PlannedRun, from: number, to: number): PlannedTask[] {
  return tasks.filter(({ task_id: id }) => levels[id]! > from && levels[id]! <= to);
}

/** Plans thousands of runs of one small DAG, with everything that makes counting hard: random, but the same for the same seed. */
export class Simulation {
  readonly random: () => number;
  private made = 0;
  private clockUs = Date.parse('2026-01-01T00:00:00Z') * 1000;

  constructor(
    readonly shape: Shape,
    seed: number,
  ) {
    this.random = randomOf(seed);
  }

  plan(count: number): PlannedRun[] {
    return Array.from({ length: count }, () => this.planRun());
  }

  /** Tasks that a clear runs again. */
  get cleared(): string[] {
    return this.shape.tasks.filter((task) => this.shape.levels[task]! >= CLEARED);
  }

  /** How a run ends that was cleared. */
  secondEnding(run: PlannedRun): PlannedRun {
    const shift = 60_000_000 + this.us(1_000_000);
    const later = (us: number | null): number | null => (us === null ? null : us + shift);
    const tasks = run.tasks.map((task) =>
      this.shape.levels[task.task_id]! < CLEARED
        ? task
        : {
            ...task,
            try_number: task.try_number + 1,
            scheduled_us: later(task.scheduled_us),
            queued_us: later(task.queued_us),
            start_us: task.start_us + shift,
            end_us: task.end_us + shift,
          },
    );
    return { ...run, end_us: run.end_us + shift, state: 'success', tasks };
  }

  private us(max: number): number {
    return 1 + Math.floor(this.random() * max);
  }

  private planRun(): PlannedRun {
    const { tasks: taskIds, edges, mapped, rules } = this.shape;
    const queued = (this.clockUs += this.us(50_000));
    const start = queued + this.us(900_000);
    const ends = new Map<string, number[]>();
    const tasks = taskIds.flatMap((task_id): PlannedTask[] => {
      const upstream = edges.filter(([, to]) => to === task_id).flatMap(([from]) => ends.get(from)!);
      const ready = rules[task_id] === 'one_success' ? Math.min(...upstream) : Math.max(start, ...upstream);
      const count = mapped[task_id];
      const instances = Array.from({ length: count ?? 1 }, (_, index) =>
        this.planTask(task_id, count === undefined ? -1 : index, ready),
      );
      ends.set(
        task_id,
        instances.map((task) => task.end_us),
      );
      return instances;
    });
    const failed = this.random() < 0.1;
    const end = Math.max(...tasks.map((task) => task.end_us)) + this.us(100_000);
    const dag_id = DAGS[Math.floor(this.random() * DAGS.length)]!;
    const run_id = `manual__${++this.made}`;
    return {
      dag_id,
      run_id,
      state: failed ? 'failed' : 'success',
      queued_us: queued,
      start_us: start,
      end_us: end,
      tasks,
    };
  }

  private planTask(task_id: string, map_index: number, readyUs: number): PlannedTask {
    const luck = this.random();
    const plain = { task_id, map_index, state: 'success', try_number: 1, reschedules: 0 };
    const kind =
      luck < 0.03 ? { state: 'failed' } : luck < 0.06 ? { try_number: 2 } : luck < 0.08 ? { reschedules: 2 } : {};
    const variety = this.shape.isVaried && task_id !== WRITTEN_TWICE ? this.random() : 1;
    if (luck > 0.92 || variety < 0.04) {
      const at = readyUs + this.us(3_000);
      const decided = luck > 0.96 ? 'skipped' : 'upstream_failed';
      // A task that was marked by hand has an outcome, although nothing ran.
      const state = luck > 0.92 ? decided : variety < 0.03 ? 'success' : 'failed';
      return { ...plain, state, try_number: 0, scheduled_us: null, queued_us: null, start_us: at, end_us: at };
    }
    // Sometimes the worker's clock is behind, and the task seems to start before its upstream has ended.
    const from = luck > 0.9 ? readyUs - 50_000 : readyUs;
    const scheduled = from + this.us(20_000);
    const queued = scheduled + this.us(20_000);
    const start = queued + this.us(luck > 0.88 ? 5_000_000 : 5_000);
    const end = start + this.us(2_000_000);
    // A deferred task keeps its first start, and is queued again when its trigger fires.
    const last = variety < 0.08 && luck >= 0.08 ? start + Math.floor((end - start) / 2) : queued;
    return { ...plain, ...kind, scheduled_us: scheduled, queued_us: last, start_us: start, end_us: end };
  }
}
