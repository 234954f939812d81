import type { LoadedPromises } from '../../../exporter/index/promiseRows.ts';
import type { PollFacts, SettledRun } from '../../../exporter/promises/pollFacts.ts';
import { PromiseLines } from '../../../exporter/promises/lines.ts';
import { parsePromises } from '../../../exporter/promises/parse.ts';
import type { PromiseRule } from '../../../exporter/promises/rules.ts';
import { SourcePromises } from '../../../exporter/promises/sourcePromises.ts';
import type { DagRow, RunRow, TaskRow } from '../../../exporter/sources/rows.ts';
import { isWithin } from '../simulation/heartbeats.ts';
import { STEP } from './burning.ts';
import { DAGS, DAY, KEY, START, type PlannedDag } from './plan.ts';
import { Store } from './store.ts';
import type { SimRun, World } from './world.ts';

const SECOND = 1e6;
/** A number of polls. A follower may lag by a few. */
const FOLLOWS_EVERY = 15;
/** Samples by series, one per step; NaN if there is none. */
export type Samples = Map<string, Float64Array>;

/** One replica of the exporter. */
class Replica {
  private promises: SourcePromises;
  private lines: PromiseLines;
  private counters: ReadonlyMap<string, number> = new Map();
  private seen = -1;
  isUp = false;

  constructor(
    private readonly store: Store,
    private readonly rules: () => readonly PromiseRule[],
  ) {
    [this.promises, this.lines] = this.fresh();
  }

  private fresh(): [SourcePromises, PromiseLines] {
    const promises = new SourcePromises('main', this.rules);
    return [promises, new PromiseLines(promises, () => undefined)];
  }

  start(): void {
    [this.promises, this.lines] = this.fresh();
    this.isUp = true;
    // Serialized and parsed, as in the database.
    this.promises.load(JSON.parse(JSON.stringify(this.store.load())) as LoadedPromises);
    this.counters = new Map(this.store.counters);
    this.seen = this.store.version;
  }

  /** Loads what the leader has written. */
  follow(): void {
    if (this.seen === this.store.version) return;
    this.promises.load(this.store.load());
    this.counters = new Map(this.store.counters);
    this.seen = this.store.version;
  }

  lead(rows: ReadonlyMap<string, DagRow>, source: Source, now: number): void {
    this.follow();
    const nowUs = Math.round(now * SECOND);
    const { settled, created, deleted } = source.take();
    const work = this.promises.judge(rows, {
      nowUs,
      stampedUs: nowUs,
      readUntilUs: nowUs,
      settled,
      created,
      deleted,
      active: source.active.values(),
      historyFromUs: -Infinity,
    });
    const { delta, observations } = work;
    const isNothing =
      observations.length + delta.dags.length + delta.states.length + delta.goneDags.length + delta.forgotten.length ===
        0 && delta.newArrivals.length + delta.judgedArrivals.length === 0;
    if (!isNothing || settled.length > 0) this.store.save(delta, observations);
    work.accept();
    this.counters = this.store.counters;
    this.seen = this.store.version;
  }

  /** The samples of a scrape. */
  *scrape(now: number): Iterable<[selector: string, value: number]> {
    const { promiseOverdue, promiseShare, promisePeriod, dagInfo } = this.lines.at(Math.round(now * SECOND));
    for (const text of [promiseOverdue, promiseShare, promisePeriod, dagInfo]) {
      for (const line of text.split('\n')) {
        const cut = line.lastIndexOf(' ');
        if (cut > 0) yield [line.slice(0, cut), Number(line.slice(cut + 1))];
      }
    }
    for (const [key, count] of this.counters) {
      yield [key, count];
    }
  }
}

/** Runs that have changed since the last poll. */
interface News {
  settled: SettledRun[];
  created: PollFacts['created'][number][];
  deleted: number[];
}

/** The observed database, as a poll finds it. */
class Source {
  readonly active = new Map<number, { run: RunRow; tasks: Map<string, TaskRow> }>();
  private news: News = { settled: [], created: [], deleted: [] };
  private readonly events: { at: number; apply: () => void }[] = [];
  private next = 0;

  constructor(runs: readonly SimRun[]) {
    for (const run of runs) this.addEvents(run);
    this.events.sort((a, b) => a.at - b.at);
  }

  advance(now: number): void {
    while (this.next < this.events.length && this.events[this.next]!.at <= now) this.events[this.next++]!.apply();
  }

  take(): News {
    const taken = this.news;
    this.news = { settled: [], created: [], deleted: [] };
    return taken;
  }

  private delete(id: number): void {
    const isUnread = this.news.created.some(({ run }) => run.id === id);
    this.news.created = this.news.created.filter(({ run }) => run.id !== id);
    if (this.active.delete(id) && !isUnread) this.news.deleted.push(id);
  }

  private addEvents(run: SimRun): void {
    const on = (at: number, apply: () => void): void => {
      if (at < run.deletedAt) this.events.push({ at, apply });
    };
    const row = (state: RunRow['state'], stamps: Partial<RunRow>): RunRow => ({ ...rowOf(run), state, ...stamps });
    const stamps = { start_us: us(run.start) };
    const keys = { [KEY]: run.values };
    const begin = (): void => {
      const first = taskOf(run);
      const tracked = this.active.get(run.id);
      if (tracked) this.active.set(run.id, { ...tracked, tasks: new Map([[first.task_id, first]]) });
    };
    const end = (ended: RunRow, isFirstEnd: boolean): void => {
      this.news.settled.push({ run: ended, keys, tasks: [taskOf(run)], isFirstEnd });
      this.active.delete(run.id);
    };
    on(run.queued, () => {
      this.active.set(run.id, { run: row('queued', {}), tasks: new Map() });
      this.news.created.push({ run: row('queued', {}), keys });
    });
    on(run.start, () => this.active.set(run.id, { run: row('running', stamps), tasks: new Map() }));
    on(run.firstStart, begin);
    on(run.end, () => end(row(run.state, { ...stamps, end_us: us(run.end) }), true));
    if (run.again) {
      const { from, end: to, state } = run.again;
      const second = { start_us: us(from + 5), clear_number: 1 };
      on(from, () => this.active.set(run.id, { run: row('running', second), tasks: new Map() }));
      on(to, () => end(row(state, { ...second, end_us: us(to) }), false));
    }
    if (run.deletedAt < Infinity) this.events.push({ at: run.deletedAt, apply: () => this.delete(run.id) });
  }
}

const us = (seconds: number): number => Math.round(seconds * SECOND);
const usOrNull = (seconds: number | null): number | null => (seconds === null ? null : us(seconds));

function rowOf({ id, dag, run_type, due, logical, queued }: SimRun): RunRow {
  return {
    id,
    dag_id: dag.dag_id,
    run_id: `${run_type}__${id}`,
    run_type,
    state: 'queued',
    clear_number: 0,
    logical_us: usOrNull(logical),
    due_us: usOrNull(due),
    queued_us: us(queued),
    start_us: null,
    end_us: null,
    after_us: null,
    decided_us: null,
    backfill_id: null,
    backfill_ordinal: null,
    version: null,
  };
}

function taskOf({ id, firstStart }: SimRun): TaskRow {
  const stamps = { scheduled_us: null, queued_us: null, start_us: us(firstStart), end_us: null, updated_us: null };
  const rest = { next_try_us: null, trigger_timeout_us: null, rescheduled: false, operator: null, pool: null };
  const more = { pool_slots: 1, priority_weight: 1, queue: null, executor: null, hostname: null, version: null };
  const names = { run: id, task_id: 'first', map_index: -1, state: 'running' as const };
  return { ...names, ...stamps, try_number: 1, max_tries: 0, ...rest, ...more };
}

/** Polls the source for the whole time, and returns what Prometheus scrapes at each step. */
export function scraped(world: World): Samples {
  const { random } = world;
  const scrapes: Samples[] = world.away.map(() => new Map());
  const source = new Source(world.runs);
  const store = new Store();
  const dags = new Map(DAGS.map((dag) => [dag.dag_id, { ...dag, is_paused: false, exists: false }]));
  let rows: ReadonlyMap<string, DagRow> = new Map();
  let rules: readonly PromiseRule[] = [];
  const replicas = world.away.map(() => new Replica(store, () => rules));
  let [changed, edited] = [0, 0];
  let nextPoll = 0;
  let nextDue = Infinity;
  let polls = 0;
  const poll = (now: number): void => {
    for (; world.edits[edited] && world.edits[edited]!.at <= now; edited += 1) {
      rules = rulesOf(world.edits[edited]!.promises);
    }
    replicas.forEach((replica, at) => {
      const isAway = isWithin(world.away[at as 0 | 1], now);
      if (isAway) replica.isUp = false;
      else if (!replica.isUp) replica.start();
    });
    if (isWithin(world.unreadable, now)) return;
    source.advance(now);
    const isDue = now >= nextDue;
    const before = changed;
    for (; world.changes[changed] && world.changes[changed]!.at <= now; changed += 1) {
      const { dag_id, tags, paused, exists } = world.changes[changed]!;
      const dag = dags.get(dag_id)!;
      if (tags) dag.tags = tags;
      if (paused !== undefined) dag.is_paused = paused;
      if (exists !== undefined) dag.exists = exists;
    }
    if (isDue || changed > before) {
      const present = [...dags.values()].filter((one) => one.exists).map((one) => dagRow(one, now));
      rows = new Map(present.map((row) => [row.dag_id, row]));
      nextDue = Math.min(...present.map((row) => (row.next_run_us ?? Infinity) / SECOND));
    }
    const [leader, ...followers] = replicas.filter(({ isUp }) => isUp);
    leader?.lead(rows, source, now);
    polls += 1;
    if (polls % FOLLOWS_EVERY === 0) for (const follower of followers) follower.follow();
  };
  const steps = world.seconds / STEP;
  for (let step = 0; step <= steps; step += 1) {
    const now = START + step * STEP;
    // Prometheus evaluates samples that are up to five seconds old.
    const scrape = now - 5 * random();
    for (; world.polls[nextPoll]! <= scrape; nextPoll += 1) poll(world.polls[nextPoll]!);
    replicas.forEach((replica, at) => {
      if (!replica.isUp || isWithin(world.away[at as 0 | 1], scrape)) return;
      for (const [selector, value] of replica.scrape(scrape)) {
        let all = scrapes[at]!.get(selector);
        if (!all) scrapes[at]!.set(selector, (all = new Float64Array(steps + 1).fill(NaN)));
        all[step] = value;
      }
    });
  }
  const named = (selector: string, at: number): string => selector.replace('{', `{job="runbeat",instance="e:${at}",`);
  return new Map(scrapes.flatMap((all, at) => [...all].map(([selector, values]) => [named(selector, at), values])));
}

function rulesOf(promises: unknown): readonly PromiseRule[] {
  const { rules, problems } = parsePromises(promises, { sources: ['main'], keys: [KEY], pollUs: 2e6 });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return rules;
}

function dagRow(dag: PlannedDag & { is_paused: boolean }, now: number): DagRow {
  const limits = { max_active_tasks: 16, max_active_runs: 16, lane: null, team: null };
  const [next] = dag.due(now + 1, now + 1 + 2 * dag.period + DAY);
  const names = { dag_id: dag.dag_id, owner: dag.owner, tags: [...dag.tags].sort(), is_paused: dag.is_paused };
  return { ...names, ...limits, next_run_us: next === undefined ? null : us(next) };
}
