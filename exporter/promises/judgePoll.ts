import { groupedBy } from '../../shared/groupedBy.ts';
import type { DagState, VerdictRow } from '../index/promiseRows.ts';
import type { Micros, RunKeys, RunRow, TaskRow } from '../sources/rows.ts';
import { isAwaited, isBackfill } from './awaited.ts';
import { meantFor } from './dagBook.ts';
import {
  beginDays,
  dayStanding,
  isBehind,
  judgeDays,
  noteSuccesses,
  passOver,
  withoutUnknown,
  type DayState,
} from './doneBy.ts';
import { judgeEnd } from './endsWithin.ts';
import { judgeArrivals, type Arrival } from './journeys.ts';
import { matches } from './rules.ts';
import { judgeStart } from './startsWithin.ts';
import { judgeFreshness, type FreshnessState } from './succeededWithin.ts';
import {
  awaitedSince,
  hasShare,
  isJourneyTarget,
  type DayTarget,
  type FreshnessTarget,
  type JourneyTarget,
  type RunTarget,
  type Target,
} from './targets.ts';
import type { Verdict } from './verdict.ts';

/** The facts of a poll that promises are judged by. */
export interface PollFacts {
  /** The moment of the snapshot. */
  nowUs: Micros;
  /** The earliest timestamp that a run that ends now may get, because the clocks of schedulers differ. */
  stampedUs: Micros;
  /** All changes up to this moment have been read. */
  readUntilUs: Micros;
  /** Runs that have ended since the last poll. */
  settled: readonly SettledRun[];
  /** Runs that were created since the last poll, some of which have ended. */
  created: readonly { run: RunRow; keys: Keys }[];
  /** Runs that the source deleted while they were active. */
  deleted: readonly number[];
  active: Iterable<{ run: RunRow; tasks: ReadonlyMap<string, TaskRow> }>;
  /** Runs below this moment may be missing from `recent` of a DAG; −Infinity once the history is read. */
  historyFromUs: Micros;
}

/** Values by business key. */
type Keys = RunKeys['keys'];

export interface SettledRun {
  run: RunRow;
  /** Null if they are not known. */
  keys: Keys | null;
  tasks: readonly TaskRow[];
  /** False for a run that had ended before and was run again, or whose end was written twice. */
  isFirstEnd: boolean;
}

export interface Judgement {
  verdicts: VerdictRow[];
  /** New states of the targets that changed. */
  states: Map<FreshnessTarget | DayTarget, FreshnessState | DayState>;
  /** Verdicts on runs that are still active. */
  marks: { run: number; promise: string }[];
  /** Undecided arrivals after this poll, for the journeys for which they have changed. */
  arrivals: Map<JourneyTarget, ArrivalChange>;
  /** New runs of the DAGs in which values arrive, for the journeys that have any. */
  arriving: Map<JourneyTarget, ArrivingRuns>;
}

/** How many runs had a value of the key, and how many had none. */
export interface ArrivingRuns {
  having: number;
  lacking: number;
}

export interface ArrivalChange {
  open: readonly Arrival[];
  added: readonly Arrival[];
  removed: readonly Arrival[];
}

type Marks = ReadonlyMap<number, ReadonlySet<string>>;

/** Computes all verdicts of one poll. Pure: they take effect when the caller stores them. */
export class PollJudge {
  readonly judgement: Judgement = {
    verdicts: [],
    states: new Map(),
    marks: [],
    arrivals: new Map(),
    arriving: new Map(),
  };

  constructor(
    private readonly dags: ReadonlyMap<string, DagState>,
    private readonly marks: Marks,
    private readonly facts: PollFacts,
  ) {}

  /** What ended up to this moment has been read: later ends may still be stamped or read. */
  private get knownUntilUs(): Micros {
    return Math.min(this.facts.readUntilUs, this.facts.stampedUs);
  }

  judgeRuns(byDag: ReadonlyMap<string, readonly RunTarget[]>): void {
    for (const { run, tasks, isFirstEnd } of this.facts.settled) {
      if (!isFirstEnd) continue;
      for (const target of byDag.get(run.dag_id) ?? []) this.judgeRun(target, run, tasks, false);
    }
    for (const { run, tasks } of this.facts.active) {
      const targets = byDag.get(run.dag_id);
      // The tasks of a paused DAG are not scheduled. Its runs are judged when it is unpaused or they end.
      if (!targets || this.dags.get(run.dag_id)?.is_paused) continue;
      for (const target of targets) this.judgeRun(target, run, tasks.values(), true);
    }
  }

  private judgeRun({ rule, dag_id }: RunTarget, run: RunRow, tasks: Iterable<TaskRow>, goesOn: boolean): void {
    if (this.marks.get(run.id)?.has(rule.name)) return;
    const dag = this.dags.get(dag_id);
    const { stampedUs } = this.facts;
    const verdict =
      rule.kind === 'ends_within'
        ? judgeEnd(run, rule.limitUs, stampedUs)
        : judgeStart(run, tasks, rule.limitUs, dag?.resumed_us ?? dag?.watched_us ?? 0, stampedUs);
    if (!verdict) return;
    this.add({ rule, dag_id }, verdict);
    if (goesOn) this.judgement.marks.push({ run: run.id, promise: rule.name });
  }

  /** `openOf` returns the undecided arrivals of a target. */
  judgeJourneys(
    targets: readonly JourneyTarget[],
    source: string,
    openOf: (target: JourneyTarget) => readonly Arrival[],
  ): void {
    if (targets.length === 0) return;
    const deleted = new Set(this.facts.deleted);
    const { knownUntilUs } = this;
    const ended = groupedBy(
      this.facts.settled.filter(({ run }) => run.state === 'success' && run.end_us !== null),
      ({ run }) => run.dag_id,
    );
    for (const target of targets) {
      const { rule, dag_id } = target;
      const before = openOf(target);
      const added = this.arrivalsAt(target, source);
      if (before.length === 0 && added.length === 0) continue;
      const decisions = (ended.get(dag_id) ?? []).flatMap(({ run, keys }) =>
        (keys?.[rule.key] ?? []).map((value) => ({ run: run.id, value, endUs: run.end_us! })),
      );
      const isPaused = this.dags.get(dag_id)?.is_paused ?? false;
      const isNothingNew = added.length + decisions.length + deleted.size === 0;
      // Thousands of arrivals may be undecided, and most polls don't affect them.
      if (isNothingNew && (isPaused || !before.some(({ atUs }) => atUs + rule.limitUs < knownUntilUs))) continue;
      // Iterating over all arrivals is expensive, so do it only if necessary.
      const lost = deleted.size === 0 ? [] : [...before, ...added].filter(({ run }) => deleted.has(run));
      const awaited = without([...before, ...added], new Set(lost));
      const verdicts = judgeArrivals(awaited, decisions, rule.limitUs, knownUntilUs, isPaused);
      for (const { arrival, ...verdict } of verdicts)
        this.add(target, verdict, { key: rule.key, value: arrival.value });
      const judged = new Set(verdicts.map(({ arrival }) => arrival));
      const gone = new Set([...lost, ...judged]);
      const change = {
        open: without(awaited, judged),
        added: without(added, gone),
        removed: without([...gone], new Set(added)),
      };
      if (change.added.length + change.removed.length > 0) this.judgement.arrivals.set(target, change);
    }
  }

  private arrivalsAt(target: JourneyTarget, source: string): Arrival[] {
    const { key, from } = target.rule;
    const runs = this.facts.created.filter(({ run }) => {
      const { owner, tags } = this.dags.get(run.dag_id) ?? { owner: null, tags: [] };
      const dag = { source, dag_id: run.dag_id, owner, tags };
      return isAwaited(run) && from.some((selector) => matches(selector, dag));
    });
    if (runs.length === 0) return [];
    const having = runs.filter(({ keys }) => (keys[key] ?? []).length > 0);
    this.judgement.arriving.set(target, { having: having.length, lacking: runs.length - having.length });
    return having.flatMap(({ run, keys }) => {
      const atUs = run.queued_us ?? run.start_us;
      return atUs === null ? [] : [...new Set(keys[key])].map((value) => ({ run: run.id, value, atUs }));
    });
  }

  judgeTimes(targets: readonly (FreshnessTarget | DayTarget)[]): void {
    const ended = this.facts.settled.filter(({ run }) => run.state === 'success' && run.end_us !== null);
    const successes = groupedBy(
      [...ended].sort((a, b) => a.run.end_us! - b.run.end_us!),
      ({ run }) => run.dag_id,
    );
    for (const target of targets) {
      const dag = this.dags.get(target.dag_id);
      if (!dag) continue;
      const ended = successes.get(target.dag_id) ?? [];
      if ('calendar' in target) this.judgeDay(target, dag, ended);
      else this.judgeWait(target, dag, ended);
    }
  }

  private judgeWait(target: FreshnessTarget, dag: DagState, ended: readonly SettledRun[]): void {
    const since = awaitedSince(target.state, dag) ?? this.firstAwaited(dag);
    if (dag.is_paused || since === null) return;
    // A wait that a former promise of this name was judged for is the same one.
    const known = since === target.before?.sinceUs ? target.before : target.state;
    const isNew = since !== known.sinceUs;
    const { fromUs = null } = known;
    const isCounted = known.isCounted && !isNew;
    const isUp = this.knownUntilUs > since + target.rule.limitUs && !isCounted;
    if (since === target.state.sinceUs && !isUp && ended.length === 0) return;
    const state = { sinceUs: since, isCounted, fromUs: isNew ? since : fromUs };
    const fresh = ended
      .filter(({ run }) => !isBackfill(run))
      .map(({ run, isFirstEnd }) => ({ run: run.id, endUs: run.end_us!, isFirstEnd }));
    const judged = judgeFreshness(state, target.rule.limitUs, fresh, this.knownUntilUs);
    this.judgement.states.set(target, judged.state);
    for (const verdict of judged.verdicts) this.add(target, verdict);
  }

  /** The last success. Without one, a success is due from when the DAG was first seen. */
  private firstAwaited(dag: DagState): Micros | null {
    const fresh = dag.last_success_us ?? (this.facts.historyFromUs === -Infinity ? dag.watched_us : null);
    return fresh === null ? null : Math.max(fresh, dag.resumed_us ?? -Infinity);
  }

  private judgeDay(target: DayTarget, dag: DagState, ended: readonly SettledRun[]): void {
    const { calendar } = target;
    const nowUs = this.knownUntilUs;
    const state = target.state ?? this.firstDay(target, dag);
    if (!state) return;
    const isNew = state !== target.state;
    const stream = ended.flatMap(({ run }) => {
      const forUs = meantFor(run);
      return forUs === null ? [] : [{ run: run.id, forUs, endUs: run.end_us! }];
    });
    const successes = isNew ? [...dag.recent, ...stream] : stream;
    if (dag.is_paused) {
      const passed = passOver(noteSuccesses(state, calendar, successes), calendar, nowUs);
      if (passed !== target.state) this.judgement.states.set(target, passed);
      return;
    }
    const { dueUs } = dayStanding(state, calendar, nowUs);
    const isUp = dueUs !== null && nowUs > dueUs;
    if (!isNew && !isUp && successes.length === 0 && !isBehind(state, calendar, nowUs)) return;
    const judged = judgeDays(isNew ? withoutUnknown(state, calendar, dag.recent) : state, calendar, successes, nowUs);
    this.judgement.states.set(target, judged.state);
    for (const verdict of judged.verdicts) this.add(target, verdict);
  }

  /** Null while runs that ended on that day may not have been read yet. */
  private firstDay({ calendar, before }: DayTarget, { resumed_us }: DagState): DayState | null {
    const { readUntilUs, historyFromUs } = this.facts;
    if (historyFromUs >= readUntilUs - 2 * DAY) return null;
    return beginDays(calendar, before, Math.max(readUntilUs, resumed_us ?? 0), resumed_us);
  }

  private add(
    { rule, dag_id }: Pick<Target, 'rule' | 'dag_id'>,
    { kept, atUs, run, day }: Verdict,
    journey: { key: string; value: string } | null = null,
  ): void {
    const { key = null, value = null } = journey ?? {};
    const names = { promise: rule.name, kind: rule.kind, dag_id };
    this.judgement.verdicts.push({ ...names, kept, at_us: atUs, run, day, key, value });
  }
}

const DAY = 86_400e6;

function without(arrivals: readonly Arrival[], gone: ReadonlySet<Arrival>): readonly Arrival[] {
  return gone.size === 0 ? arrivals : arrivals.filter((arrival) => !gone.has(arrival));
}

/** Groups targets by how they are judged. */
export function sorted(targets: readonly Target[]): {
  byDag: Map<string, RunTarget[]>;
  journeys: JourneyTarget[];
  times: (FreshnessTarget | DayTarget)[];
} {
  return {
    byDag: groupedBy(
      targets.filter((target): target is RunTarget => hasShare(target) && !isJourneyTarget(target)),
      (target) => target.dag_id,
    ),
    journeys: targets.filter(isJourneyTarget),
    times: targets.filter((target): target is FreshnessTarget | DayTarget => !hasShare(target)),
  };
}
