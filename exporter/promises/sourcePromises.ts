import type { Observation } from '../flow/observations.ts';
import type { ArrivalRow, DagState, LoadedPromises, PromiseDelta } from '../index/promiseRows.ts';
import type { DagRow, Micros, RunRow } from '../sources/rows.ts';
import { ArrivalBook, arrivalRow } from './arrivalBook.ts';
import { areSelectedAlike, changedByRuns, withEnd, withRows, type Dags } from './dagBook.ts';
import type { ArrivalChange } from './judgeJourneys.ts';
import type { Arrival } from './journeys.ts';
import { groupsOf, judgePoll, type Judgement, type TargetGroups } from './judgePoll.ts';
import type { Marks } from './judgeRuns.ts';
import type { OpenArrivals } from './openArrivals.ts';
import type { PollFacts } from './pollFacts.ts';
import type { PromiseRule } from './rules.ts';
import { Selection } from './selection.ts';
import { namesIn, StoredStates, type Lapse } from './storedStates.ts';
import { isJourneyTarget, keyOf, targetsOf, type JourneyTarget, type Target } from './targets.ts';

/** What a poll adds to its transaction, and what to call after the commit. */
export interface PromiseWork {
  delta: PromiseDelta;
  observations: Observation[];
  accept(): void;
}

/** The state that promises are judged by, as of one poll. */
interface Picture {
  dags: Dags;
  rules: readonly PromiseRule[];
  targets: readonly Target[];
  groups: TargetGroups;
  marks: Marks;
}

/** What no target needs any more, by keyOf its target. */
interface Left extends Lapse {
  arrivals: readonly string[];
}

const NOTHING_LEFT: Left = { states: [], forgotten: [], arrivals: [], accept: () => undefined };

/**
 * The promises for the DAGs of one source. A poll computes its verdicts in memory, stores them in its transaction, and updates the
 * state in memory after the commit, so each verdict is counted exactly once. Values that depend only on time can be computed at any
 * moment, even while the source can't be read.
 */
export class SourcePromises {
  private picture: Picture = { dags: new Map(), rules: [], targets: [], groups: groupsOf([]), marks: new Map() };
  private readonly stored = new StoredStates();
  private readonly arrivals = new ArrivalBook();
  private readonly selection: Selection;
  /** Runs of the history with new information, until a poll stores it. */
  private noted: Dags = new Map();
  /** Targets whose counters exist. */
  private readonly counted = new Set<string>();
  private seenRows: ReadonlyMap<string, DagRow> | null = null;

  constructor(
    readonly source: string,
    /** The rules in force now. */
    private readonly rulesNow: () => readonly PromiseRule[],
  ) {
    this.selection = new Selection(source);
  }

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
    this.arrivals.load(arrivals);
    this.picture = { dags: all, rules, targets, groups: groupsOf(targets), marks: byRun };
  }

  get dags(): Dags {
    return this.picture.dags;
  }

  get targets(): readonly Target[] {
    return this.picture.targets;
  }

  /** Undecided arrivals, in the order in which they came. */
  arrivalsOf(target: JourneyTarget): readonly Arrival[] {
    return this.arrivals.openOf(target)?.all ?? [];
  }

  /** Journeys whose key no run has had so far, with the number of runs without it. */
  get keylessJourneys(): { rule: JourneyTarget['rule']; lacking: number }[] {
    return this.targets.filter(isJourneyTarget).flatMap((target) => {
      const { having, lacking } = this.arrivals.arrivingAt(target);
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
    const { noted, picture, source } = this;
    const rules = this.rulesNow();
    const dags = this.dagsBy(rows, noted, facts.nowUs);
    const isFirst = this.seenRows === null;
    const mustRetarget = rules !== picture.rules || isFirst || !areSelectedAlike(dags, picture.dags);
    const targets = mustRetarget ? this.makeTargets(rules, dags) : picture.targets;
    const groups = mustRetarget ? groupsOf(targets) : picture.groups;
    const openOf = (target: JourneyTarget): OpenArrivals | null => this.arrivals.openOf(target);
    const judgement = judgePoll({ source, dags, targets, groups, marks: picture.marks, openOf }, facts);
    const changed = changedByRuns(dags, facts.created, facts.settled);
    const next = withStates(targets, judgement);
    const left = mustRetarget ? this.leftBy(next, facts.nowUs) : NOTHING_LEFT;
    return {
      delta: { ...this.dagDelta(dags, changed), ...this.deltaOf(judgement, targets, facts, left) },
      observations: [...judgement.verdicts.map(observed), ...(mustRetarget ? this.zeros(next) : [])],
      accept: () => {
        const marks = this.marksAfter(judgement, facts);
        this.picture = { dags: withChanged(dags, changed), rules, targets: next, groups, marks };
        this.seenRows = rows;
        this.acceptArrivals(judgement, left.arrivals);
        if (this.noted === noted) this.noted = new Map();
        left.accept();
        if (mustRetarget) for (const target of next) this.counted.add(keyOf(target));
        const remembered = mustRetarget ? next : [...judgement.states.keys()].map((at) => next[at]!);
        for (const target of remembered) this.stored.remember(target);
      },
    };
  }

  /** Stored state of withdrawn promises, and of arrivals that no journey waits for any more. */
  private leftBy(next: readonly Target[], nowUs: Micros): Left {
    const arrivals = this.arrivals.unawaited(next.filter(isJourneyTarget));
    return { ...this.stored.lapse(next, nowUs), arrivals };
  }

  private acceptArrivals({ arrivals, arriving }: Judgement, unawaited: readonly string[]): void {
    this.arrivals.forget(unawaited);
    for (const [target, change] of arrivals) this.arrivals.change(target, change);
    for (const [target, runs] of arriving) this.arrivals.countArriving(target, runs);
  }

  private makeTargets(rules: readonly PromiseRule[], dags: Dags): Target[] {
    const selected = this.selection.select(rules, dags.values());
    return targetsOf(rules, selected, (key, kind) => this.stored.of(key, kind));
  }

  private dagsBy(rows: ReadonlyMap<string, DagRow>, noted: Dags, nowUs: Micros): Dags {
    const { dags } = this.picture;
    if (rows !== this.seenRows) {
      // A DAG that others were there before is a new one, or has come back.
      const isLater = this.seenRows !== null || dags.size > 0;
      return withRows(dags, noted, rows, nowUs, isLater);
    }
    if (noted.size === 0) return dags;
    return new Map([...dags].map(([dagId, dag]) => [dagId, noted.get(dagId) ?? dag]));
  }

  private marksAfter({ marks }: Judgement, facts: PollFacts): Marks {
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

  /** `read` are the DAGs as they were read, and `changed` those that their runs have changed since. */
  private dagDelta(read: Dags, changed: ReadonlyMap<string, DagState>): Pick<PromiseDelta, 'dags' | 'goneDags'> {
    const { dags } = this.picture;
    // Comparing thousands of DAGs at every poll would be a good part of its cost.
    if (read === dags) return { dags: [...changed.values()], goneDags: [] };
    return {
      dags: [...read.values()]
        .map((dag) => changed.get(dag.dag_id) ?? dag)
        .filter((dag) => dags.get(dag.dag_id) !== dag),
      goneDags: [...dags.keys()].filter((dagId) => !read.has(dagId)),
    };
  }

  private deltaOf(
    { verdicts, states, marks, arrivals }: Judgement,
    targets: readonly Target[],
    facts: PollFacts,
    left: Left,
  ): Omit<PromiseDelta, 'dags' | 'goneDags'> {
    const rowsOf = (part: keyof ArrivalChange): ArrivalRow[] =>
      [...arrivals].flatMap(([target, change]) => change[part].map((arrival) => arrivalRow(target, arrival)));
    return {
      states: [
        ...left.states,
        ...[...states].map(([at, state]) => {
          const { rule, dag_id } = targets[at]!;
          return { promise: rule.name, dag_id, kind: rule.kind, state };
        }),
      ],
      forgotten: [...left.forgotten, ...left.arrivals].map(namesIn),
      newArrivals: rowsOf('added'),
      judgedArrivals: rowsOf('removed'),
      verdicts,
      marks,
      settledRuns: this.unneededMarks(facts),
    };
  }

  /** Counters start at zero, so that Prometheus sees the first verdict as an increase. */
  private zeros(next: readonly Target[]): Observation[] {
    return next
      .filter((target) => !this.counted.has(keyOf(target)))
      .flatMap((target) =>
        (['kept', 'broken'] as const).map((verdict) => observation(target.dag_id, target.rule.name, verdict, 0)),
      );
  }
}

function withStates(targets: readonly Target[], { states }: Judgement): readonly Target[] {
  if (states.size === 0) return targets;
  const next = [...targets];
  for (const [at, state] of states) next[at] = { ...targets[at], state } as Target;
  return next;
}

/** Changes the DAGs in place: copying thousands of them at every poll would be a good part of its cost. */
function withChanged(dags: Dags, changed: ReadonlyMap<string, DagState>): Dags {
  for (const [dagId, dag] of changed) (dags as Map<string, DagState>).set(dagId, dag);
  return dags;
}

function observed({ dag_id, promise, kept }: Judgement['verdicts'][number]): Observation {
  return observation(dag_id, promise, kept ? 'kept' : 'broken', 1);
}

function observation(dagId: string, promise: string, verdict: 'kept' | 'broken', count: number): Observation {
  return { metric: 'promiseRuns', labels: [dagId, promise, verdict], us: null, count };
}
