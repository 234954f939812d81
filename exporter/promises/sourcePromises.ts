import type { Observation } from '../flow/observations.ts';
import { groupedBy } from '../../shared/groupedBy.ts';
import type { ArrivalRow, DagState, LoadedPromises, PromiseDelta } from '../index/promiseRows.ts';
import type { DagRow, RunRow } from '../sources/rows.ts';
import { areSelectedAlike, withEnd, withRow, withRuns, type DagsAfter } from './dagBook.ts';
import type { Arrival } from './journeys.ts';
import { PollJudge, sorted, type ArrivingRuns, type Judgement, type PollFacts } from './judgePoll.ts';
import type { PromiseRule } from './rules.ts';
import { namesIn, StoredStates, type Lapse } from './storedStates.ts';
import { hasShare, isJourneyTarget, keyOf, targetsOf, type JourneyTarget, type Target } from './targets.ts';

/** What a poll adds to its transaction, and what to call after the commit. */
export interface PromiseWork {
  delta: PromiseDelta;
  observations: Observation[];
  accept(): void;
}

/** The state that promises are judged by, as of one poll. Immutable. */
interface Picture {
  dags: ReadonlyMap<string, DagState>;
  rules: readonly PromiseRule[];
  targets: readonly Target[];
  marks: ReadonlyMap<number, ReadonlySet<string>>;
  /** Undecided arrivals, by keyOf their target. */
  arrivals: ReadonlyMap<string, OpenArrivals>;
}

/** What no target needs any more, by keyOf its target. */
interface Left extends Lapse {
  arrivals: readonly string[];
}

const NOTHING_LEFT: Left = { states: [], forgotten: [], arrivals: [], accept: () => undefined };

/** Arrivals by one business key. */
interface OpenArrivals {
  key: string;
  open: readonly Arrival[];
}

/**
 * The promises for the DAGs of one source. A poll computes its verdicts in memory, stores them in its transaction, and updates the
 * state in memory after the commit, so each verdict is counted exactly once. Values that depend only on time can be computed at any
 * moment, even while the source can't be read.
 */
export class SourcePromises {
  private picture: Picture = { dags: new Map(), rules: [], targets: [], marks: new Map(), arrivals: new Map() };
  private readonly stored = new StoredStates();
  /** Runs of the history with new information, until a poll stores it. */
  private noted: ReadonlyMap<string, DagState> = new Map();
  /** Targets whose counters exist. */
  private readonly counted = new Set<string>();
  /** New runs of the DAGs in which values arrive, since the start of this process. */
  private readonly arriving = new Map<string, ArrivingRuns>();
  /** The targets of the last poll, grouped by how they are judged. */
  private order: ({ targets: readonly Target[] } & ReturnType<typeof sorted>) | null = null;
  private seenRows: ReadonlyMap<string, DagRow> | null = null;

  constructor(
    readonly source: string,
    /** The rules in force now. */
    private readonly rulesNow: () => readonly PromiseRule[],
  ) {}

  /** Loads the state from the index. */
  load({ dags, states, marks, arrivals }: LoadedPromises): void {
    this.stored.load(states);
    this.noted = new Map();
    this.seenRows = null;
    this.counted.clear();
    const byRun = new Map<number, Set<string>>();
    for (const { run, promise } of marks) byRun.set(run, (byRun.get(run) ?? new Set()).add(promise));
    const all = new Map(dags.map((dag) => [dag.dag_id, dag]));
    const rules = this.rulesNow();
    const targets = this.makeTargets(rules, all);
    this.picture = { dags: all, rules, targets, marks: byRun, arrivals: openArrivals(arrivals) };
  }

  get dags(): ReadonlyMap<string, DagState> {
    return this.picture.dags;
  }

  get targets(): readonly Target[] {
    return this.picture.targets;
  }

  /** Undecided arrivals, in the order in which they came. */
  arrivalsOf(target: JourneyTarget): readonly Arrival[] {
    const found = this.picture.arrivals.get(keyOf(target));
    // If the key differs, the promise was edited, and earlier arrivals no longer count.
    return found?.key === target.rule.key ? found.open : [];
  }

  /** Journeys whose key no run has had so far, with the number of runs without it. */
  get keylessJourneys(): { rule: JourneyTarget['rule']; lacking: number }[] {
    return this.targets.filter(isJourneyTarget).flatMap((target) => {
      const { having, lacking } = this.arriving.get(arrivingKey(target)) ?? { having: 0, lacking: 0 };
      return having === 0 && lacking > 0 ? [{ rule: target.rule, lacking }] : [];
    });
  }

  /** Notes runs of the history. They are stored with the next poll. */
  noteHistory(runs: Iterable<RunRow>): void {
    const noted = new Map(this.noted);
    for (const run of runs) {
      const dag = noted.get(run.dag_id) ?? this.picture.dags.get(run.dag_id);
      if (!dag) continue;
      const next = withEnd(dag, run);
      if (next !== dag) noted.set(run.dag_id, next);
    }
    this.noted = noted;
  }

  /** Judges one poll; `rows` are the last read DAGs of the source. */
  judge(rows: ReadonlyMap<string, DagRow>, facts: PollFacts): PromiseWork {
    const { noted } = this;
    const rules = this.rulesNow();
    const dags = this.dagsBy(rows, noted, facts.nowUs);
    const isRead = dags !== this.picture.dags || this.seenRows === null;
    const mustRetarget = rules !== this.picture.rules || (isRead && !areSelectedAlike(rows, this.seenRows));
    const targets = mustRetarget ? this.makeTargets(rules, dags) : this.picture.targets;
    const judge = new PollJudge(dags, this.picture.marks, facts);
    if (this.order?.targets !== targets) this.order = { targets, ...sorted(targets) };
    const { byDag, journeys, times } = this.order;
    judge.judgeRuns(byDag);
    judge.judgeJourneys(journeys, this.source, (target) => this.arrivalsOf(target));
    judge.judgeTimes(times);
    const after = withRuns(dags, facts.created, facts.settled);
    const { judgement } = judge;
    const isSame = judgement.states.size === 0 && targets === this.picture.targets;
    const next = isSame ? targets : targets.map((target) => withState(target, judgement));
    const left = mustRetarget ? this.leftBy(next, facts.nowUs) : NOTHING_LEFT;
    return {
      delta: { ...this.dagDelta(dags, after), ...this.deltaOf(judgement, facts, left) },
      observations: [...judgement.verdicts.map(observed), ...this.zeros(next)],
      accept: () => {
        const marks = this.marksAfter(judgement, facts);
        const arrivals = this.arrivalsAfter(judgement, left.arrivals);
        this.picture = { dags: after.all, rules, targets: next, marks, arrivals };
        this.seenRows = rows;
        for (const [target, runs] of judgement.arriving) this.countArriving(target, runs);
        if (!isSame) for (const target of next) this.counted.add(keyOf(target));
        if (this.noted === noted) this.noted = new Map();
        left.accept();
        if (!isSame) for (const target of next) this.stored.remember(target);
      },
    };
  }

  /** Stored state of withdrawn promises, and of arrivals that no journey waits for any more. */
  private leftBy(next: readonly Target[], nowUs: number): Left {
    const awaited = new Map(next.filter(isJourneyTarget).map((target) => [keyOf(target), target.rule.key]));
    const unawaited = [...this.picture.arrivals].filter(([key, open]) => awaited.get(key) !== open.key);
    return { ...this.stored.lapse(next, nowUs), arrivals: unawaited.map(([key]) => key) };
  }

  private countArriving(target: JourneyTarget, { having, lacking }: ArrivingRuns): void {
    const before = this.arriving.get(arrivingKey(target)) ?? { having: 0, lacking: 0 };
    const after = { having: before.having + having, lacking: before.lacking + lacking };
    this.arriving.set(arrivingKey(target), after);
  }

  private arrivalsAfter({ arrivals }: Judgement, forgotten: readonly string[]): Picture['arrivals'] {
    if (arrivals.size === 0 && forgotten.length === 0) return this.picture.arrivals;
    const after = new Map(this.picture.arrivals);
    for (const key of forgotten) after.delete(key);
    for (const [target, { open }] of arrivals) {
      if (open.length > 0) after.set(keyOf(target), { key: target.rule.key, open });
      else after.delete(keyOf(target));
    }
    return after;
  }

  private makeTargets(rules: readonly PromiseRule[], dags: ReadonlyMap<string, DagState>): Target[] {
    return targetsOf(rules, this.source, dags.values(), (key, kind) => this.stored.of(key, kind));
  }

  private dagsBy(
    rows: ReadonlyMap<string, DagRow>,
    noted: ReadonlyMap<string, DagState>,
    nowUs: number,
  ): ReadonlyMap<string, DagState> {
    if (rows === this.seenRows && noted.size === 0) return this.picture.dags;
    const before = (dagId: string): DagState | null => noted.get(dagId) ?? this.picture.dags.get(dagId) ?? null;
    if (rows === this.seenRows) return new Map([...this.picture.dags.keys()].map((dagId) => [dagId, before(dagId)!]));
    // A DAG that others were there before is a new one, or has come back.
    const isLater = this.seenRows !== null || this.picture.dags.size > 0;
    const read = [...rows.values()].map((row) => withRow(before(row.dag_id), row, nowUs, isLater));
    const known = this.picture.dags;
    const isSame = read.length === known.size && read.every((dag) => known.get(dag.dag_id) === dag);
    return isSame ? known : new Map(read.map((dag) => [dag.dag_id, dag]));
  }

  private marksAfter({ marks }: Judgement, facts: PollFacts): Picture['marks'] {
    const unneeded = this.unneededMarks(facts);
    if (marks.length + unneeded.length === 0) return this.picture.marks;
    const after = new Map(this.picture.marks);
    for (const run of unneeded) after.delete(run);
    for (const { run, promise } of marks) after.set(run, new Set(after.get(run)).add(promise));
    return after;
  }

  /** Runs with marks that have ended or were deleted. */
  private unneededMarks({ settled, deleted }: PollFacts): number[] {
    return [...settled.map(({ run }) => run.id), ...deleted].filter((id) => this.picture.marks.has(id));
  }

  /** `read` are the DAGs as they were read, and `after` what their runs have made of them. */
  private dagDelta(
    read: ReadonlyMap<string, DagState>,
    { all, changed }: DagsAfter,
  ): Pick<PromiseDelta, 'dags' | 'goneDags'> {
    const { dags } = this.picture;
    // Comparing thousands of DAGs at every poll would be a good part of its cost.
    if (read === dags) return { dags: changed, goneDags: [] };
    return {
      dags: [...all.values()].filter((dag) => dags.get(dag.dag_id) !== dag),
      goneDags: [...dags.keys()].filter((dagId) => !all.has(dagId)),
    };
  }

  private deltaOf(
    { verdicts, states, marks, arrivals }: Judgement,
    facts: PollFacts,
    left: Left,
  ): Omit<PromiseDelta, 'dags' | 'goneDags'> {
    return {
      states: [
        ...left.states,
        ...[...states].map(([{ rule, dag_id }, state]) => ({ promise: rule.name, dag_id, kind: rule.kind, state })),
      ],
      forgotten: [...left.forgotten, ...left.arrivals].map(namesIn),
      newArrivals: [...arrivals].flatMap(([target, { added }]) => added.map((arrival) => rowOf(target, arrival))),
      judgedArrivals: [...arrivals].flatMap(([target, { removed }]) =>
        removed.map((arrival) => rowOf(target, arrival)),
      ),
      verdicts,
      marks,
      settledRuns: this.unneededMarks(facts),
    };
  }

  /** Counters start at zero, so that Prometheus sees the first verdict as an increase. */
  private zeros(next: readonly Target[]): Observation[] {
    if (next === this.picture.targets && this.counted.size > 0) return [];
    return next
      .filter((target) => !this.counted.has(keyOf(target)))
      .flatMap((target) =>
        (['kept', 'broken'] as const).map((verdict) => observation(target.dag_id, target.rule.name, verdict, 0)),
      );
  }
}

function openArrivals(rows: readonly ArrivalRow[]): Map<string, OpenArrivals> {
  const byTarget = groupedBy(rows, ({ promise, dag_id }) => keyOf({ rule: { name: promise }, dag_id }));
  return new Map(
    [...byTarget].map(([key, own]) => [
      key,
      { key: own[0]!.key, open: own.map(({ run, value, at_us }) => ({ run, value, atUs: at_us })) },
    ]),
  );
}

function rowOf({ rule, dag_id }: JourneyTarget, { run, value, atUs }: Arrival): ArrivalRow {
  return { promise: rule.name, dag_id, key: rule.key, value, run, at_us: atUs };
}

/** Key of a target that changes when the promise is edited. */
function arrivingKey({ rule, dag_id }: JourneyTarget): string {
  return JSON.stringify([rule.name, dag_id, rule.key, rule.from]);
}

function withState(target: Target, { states }: Judgement): Target {
  if (hasShare(target)) return target;
  const state = states.get(target);
  return state === undefined ? target : ({ ...target, state } as Target);
}

function observed({ dag_id, promise, kept }: Judgement['verdicts'][number]): Observation {
  return observation(dag_id, promise, kept ? 'kept' : 'broken', 1);
}

function observation(dagId: string, promise: string, verdict: 'kept' | 'broken', count: number): Observation {
  return { metric: 'promiseRuns', labels: [dagId, promise, verdict], us: null, count };
}
