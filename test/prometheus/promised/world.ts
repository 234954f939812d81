import { randomness, isWithin, type Interval } from '../simulation/heartbeats.ts';
import { DAGS, HOUR, PROMISES, START, valuesOf, type GivenPromise, type PlannedDag } from './plan.ts';

/** A run as it really was, in seconds since 1970. */
export interface SimRun {
  id: number;
  dag: PlannedDag;
  run_type: 'scheduled' | 'manual' | 'backfill';
  due: number | null;
  logical: number | null;
  queued: number;
  start: number;
  firstStart: number;
  end: number;
  state: 'success' | 'failed';
  /** Values of the business key. */
  values: string[];
  /** It was cleared after its end and ran again. */
  again: { from: number; end: number; state: 'success' | 'failed' } | null;
  deletedAt: number;
}

/** A DAG as its source describes it from a certain time. */
export interface DagChange {
  at: number;
  dag_id: string;
  tags?: string[];
  paused?: boolean;
  /** Whether it is in the source. */
  exists?: boolean;
}

export interface World {
  random: () => number;
  seconds: number;
  end: number;
  runs: SimRun[];
  dead: Interval[];
  /** Times at which an exporter that is up polls the source successfully; oldest first. */
  polls: Float64Array;
  /** Intervals in which the exporters can't read the source, which keeps working. */
  unreadable: Interval[];
  /** Intervals in which the first and the second exporter are down. */
  away: [first: Interval[], second: Interval[]];
  changes: DagChange[];
  /** The promises that are in force from a certain time. */
  edits: { at: number; promises: readonly GivenPromise[] }[];
}

const between = (random: () => number, least: number, most: number): number => least + (most - least) * random();

export function newWorld(seed: number, hours: number): World {
  const random = randomness(seed);
  const seconds = hours * HOUR;
  const end = START + seconds;
  const world: World = {
    random,
    seconds,
    end,
    runs: [],
    polls: new Float64Array(),
    dead: [],
    unreadable: [],
    away: [[], []],
    changes: [],
    edits: [{ at: START, promises: PROMISES }],
  };
  placeIncidents(world);
  placeChanges(world);
  for (const dag of DAGS) addRuns(world, dag);
  // Ids ascend in the order in which runs are requested.
  world.runs.sort((a, b) => a.queued - b.queued);
  world.runs.forEach((run, at) => (run.id = at + 1));
  world.polls = pollsOf(world);
  return world;
}

function pollsOf({ random, end }: World): Float64Array {
  const polls: number[] = [];
  for (let at = START; at <= end; at += 2 + 0.5 * random()) polls.push(at);
  return Float64Array.from(polls);
}

/** About one in six hours, with pauses, so that they can be distinguished. */
function placeIncidents(world: World): void {
  const { random } = world;
  for (let at = START + 3 * HOUR; at < world.end - 4 * HOUR; at += between(random, 3, 9) * HOUR) {
    const luck = random();
    if (luck < 0.3) world.dead.push([at, (at += between(random, 1_200, 3 * HOUR))]);
    else if (luck < 0.55) world.unreadable.push([at, (at += between(random, 60, 70 * 60))]);
    else if (luck < 0.7) world.away[0].push([at, (at += between(random, 5, 45))]);
    else if (luck < 0.85) {
      const to = at + between(random, 120, 70 * 60);
      world.away[0].push([at, to]);
      // In half of the cases, the other replica is down as well.
      if (random() < 0.5) world.away[1].push([at, to]);
      at = to;
    } else {
      // A restart while the source can't be read: everything known comes from the index.
      const to = at + between(random, 600, 60 * 60);
      world.unreadable.push([at, to]);
      world.away[0].push([at + 60, at + 90]);
      world.away[1].push([at + 60, at + 90]);
      at = to;
    }
  }
}

/** Edits and changes of DAGs, outside of incidents, so that it is clear when they become known. */
function placeChanges(world: World): void {
  const share = (part: number): number => quiet(world, START + part * world.seconds);
  const change = (part: number, dag_id: string, what: Omit<DagChange, 'at' | 'dag_id'>): void => {
    world.changes.push({ at: share(part), dag_id, ...what });
  };
  for (const { dag_id } of DAGS) if (dag_id !== 'hour_d') world.changes.push({ at: START, dag_id, exists: true });
  change(0.2, 'hour_d', { exists: true });
  change(0.75, 'quarter', { exists: false });
  change(0.8, 'hour_c', { exists: false });
  change(0.3, 'ten_b', { tags: ['x'] });
  change(0.5, 'ten_b', { tags: ['ten', 'y'] });
  change(0.4, 'hour_a', { paused: true });
  change(0.46, 'hour_a', { paused: false });
  change(0.6, 'report_a', { paused: true });
  change(0.68, 'report_a', { paused: false });
  change(0.55, 'ten_a', { paused: true });
  change(0.56, 'ten_a', { paused: false });
  world.changes.sort((a, b) => a.at - b.at);
  const edit = (part: number, promises: (before: readonly GivenPromise[]) => readonly GivenPromise[]): void => {
    world.edits.push({ at: share(part), promises: promises(world.edits.at(-1)!.promises) });
  };
  const having = (name: string, what: Partial<GivenPromise>) => (before: readonly GivenPromise[]) =>
    before.map((one) => (one.name === name ? { ...one, ...what } : one));
  edit(0.15, having('hours', { ends_within: '9m' }));
  edit(0.25, having('hours', { ends_within: '20m' }));
  edit(0.35, having('quick', { name: 'quicker', ends_within: '25s' }));
  edit(0.45, (before) => before.filter(({ name }) => name !== 'fresh odd'));
  edit(0.52, (before) => [...before, { name: 'sixes', dags: 'six*', ends_within: '40m', share: '90%' }]);
  edit(0.62, having('decided', { ends_within: '12m' }));
  edit(0.65, having('fresh', { name: 'fresher' }));
  edit(0.72, (before) => before.filter(({ name }) => name !== 'decided'));
  edit(0.78, (before) => [...before, PROMISES.find(({ name }) => name === 'decided')!]);
  edit(0.9, (before) => [...before, PROMISES.find(({ name }) => name === 'fresh odd')!]);
}

/** The next time without an incident within ten minutes. */
function quiet(world: World, at: number): number {
  const near = [...world.dead, ...world.unreadable, ...world.away[0]].map(([a, b]): Interval => [a - 600, b + 600]);
  while (isWithin(near, at)) at += 60;
  return Math.round(at) + 0.5;
}

/** When a DAG is not in the source, or is paused. */
export function dagIntervals(world: World, dag_id: string, kind: 'exists' | 'paused'): Interval[] {
  const found: Interval[] = [];
  let from: number | null = null;
  for (const change of world.changes) {
    if (change.dag_id !== dag_id || change[kind] === undefined) continue;
    if (change[kind]) from ??= change.at;
    else if (from !== null) {
      found.push([from, change.at]);
      from = null;
    }
  }
  if (from !== null) found.push([from, Infinity]);
  return found;
}

function addRuns(world: World, dag: PlannedDag): void {
  const { random } = world;
  const paused = dagIntervals(world, dag.dag_id, 'paused');
  const [[from, to] = [0, 0] as const] = dagIntervals(world, dag.dag_id, 'exists');
  const blocked = [...world.dead, ...paused].sort((a, b) => a[0] - b[0]);
  const trouble = troubleOf(world, dag);
  const due = dag.due(Math.max(from, START), Math.min(to, world.end));
  for (const at of due) {
    if (isWithin(paused, at)) continue;
    addRun('scheduled', at, at - dag.period, at + between(random, 1, 4));
    const extra = random();
    if (extra < 0.01) addRun('manual', null, null, at + between(random, 0, dag.period));
    // A backfill of a past day.
    if (extra > 0.99) addRun('backfill', null, at - 3 * 86_400, at + between(random, 0, dag.period));
  }

  function addRun(run_type: SimRun['run_type'], dueAt: number | null, logical: number | null, asked: number): void {
    const queued = later(blocked, asked, 0);
    const waits = random() < 0.01 ? between(random, 60, 900) : between(random, 1, 3);
    const start = later(blocked, queued, waits);
    const slow = isWithin(trouble.slow, start) ? between(random, 2.2, 6) : between(random, 0.8, 1.3);
    const end = later(blocked, start, dag.takes * slow);
    const state = isWithin(trouble.failing, start) || random() < 0.03 ? 'failed' : 'success';
    const isGone = end > to || random() < 0.003;
    const run: SimRun = {
      id: 0,
      dag,
      run_type,
      due: dueAt,
      logical: dag.isDateless ? null : logical,
      queued,
      start,
      firstStart: later(blocked, start, 1),
      end,
      state,
      values: valuesOf(dag, dueAt ?? asked),
      again: null,
      deletedAt: isGone ? Math.min(to, start + (end - start) / 2) : Infinity,
    };
    if (!isGone && random() < 0.01) {
      const again = later(blocked, end + between(random, 60, 2 * HOUR), 0);
      const secondEnd = later(blocked, again + 5, dag.takes);
      if (secondEnd < to) run.again = { from: again, end: secondEnd, state: 'success' };
    }
    world.runs.push(run);
  }
}

/** Intervals in which a DAG's runs are slow or fail. */
function troubleOf({ random, end }: World, { period }: PlannedDag): { slow: Interval[]; failing: Interval[] } {
  const step = Math.max(40 * period, 12 * HOUR);
  const stretches = (): Interval[] => {
    const found: Interval[] = [];
    for (let at = START + step * random(); at < end; at += step * between(random, 0.7, 2)) {
      found.push([at, at + Math.max(period * between(random, 1, 12), 600)]);
    }
    return found;
  };
  return { slow: stretches(), failing: stretches() };
}

/** When work of `seconds` that starts at a time ends, if it is interrupted in the given intervals. */
function later(blocked: readonly Interval[], at: number, work: number): number {
  let now = at;
  let left = work;
  for (const [from, to] of blocked) {
    if (to <= now) continue;
    if (now + left < from) break;
    if (now < from) left -= from - now;
    now = to;
  }
  return now + left;
}
