import { groupedBy } from '../../shared/groupedBy.ts';
import type { DagState, VerdictRow } from '../index/promiseRows.ts';
import type { Micros } from '../sources/rows.ts';
import { isAwaited } from './awaited.ts';
import { judgeArrivals, type Arrival, type Decision } from './journeys.ts';
import type { OpenArrivals } from './openArrivals.ts';
import { knownUntil, succeeded, type PollFacts, type SettledRun } from './pollFacts.ts';
import { matches } from './rules.ts';
import type { JourneyTarget } from './targets.ts';
import { verdictRow } from './verdict.ts';

export interface JourneysJudged {
  verdicts: VerdictRow[];
  /** Changes of undecided arrivals, for the journeys that have any. */
  arrivals: Map<JourneyTarget, ArrivalChange>;
  /** New runs of the DAGs in which values arrive, for the journeys that have any. */
  arriving: Map<JourneyTarget, ArrivingRuns>;
}

export interface ArrivalChange {
  added: readonly Arrival[];
  removed: readonly Arrival[];
}

/** How many runs had a value of the key, and how many had none. */
export interface ArrivingRuns {
  having: number;
  lacking: number;
}

/** `openOf` returns the undecided arrivals of a target; null if there are none. */
export function judgeJourneys(
  targets: readonly JourneyTarget[],
  dags: ReadonlyMap<string, DagState>,
  facts: PollFacts,
  source: string,
  openOf: (target: JourneyTarget) => OpenArrivals | null,
): JourneysJudged {
  const judged: JourneysJudged = { verdicts: [], arrivals: new Map(), arriving: new Map() };
  if (targets.length === 0) return judged;
  const deleted = new Set(facts.deleted);
  const nowUs = knownUntil(facts);
  const ended = groupedBy(succeeded(facts), ({ run }) => run.dag_id);
  for (const target of targets) {
    const { rule, dag_id } = target;
    const runs = arrivingRuns(target, dags, facts, source);
    const having = runs.filter(({ keys }) => (keys[rule.key] ?? []).length > 0);
    if (runs.length > 0) judged.arriving.set(target, { having: having.length, lacking: runs.length - having.length });
    const added = having.flatMap((run) => arrivalsOf(run, rule.key));
    const open = openOf(target);
    if (!open && added.length === 0) continue;
    const decisions = (ended.get(dag_id) ?? []).flatMap((run) => decisionsOf(run, rule.key));
    const isPaused = dags.get(dag_id)?.is_paused ?? false;
    const lost = deleted.size === 0 ? [] : [...(open?.all ?? []), ...added].filter(({ run }) => deleted.has(run));
    const awaited = without(
      affectedBy(decisions, open, isPaused ? -Infinity : nowUs - rule.limitUs, added),
      new Set(lost),
    );
    const verdicts = judgeArrivals(awaited, decisions, rule.limitUs, nowUs, isPaused);
    for (const { arrival, ...verdict } of verdicts)
      judged.verdicts.push(verdictRow(target, verdict, { key: rule.key, value: arrival.value }));
    const gone = new Set([...lost, ...verdicts.map(({ arrival }) => arrival)]);
    const change = { added: without(added, gone), removed: without([...gone], new Set(added)) };
    if (change.added.length + change.removed.length > 0) judged.arrivals.set(target, change);
  }
  return judged;
}

function decisionsOf({ run, keys }: SettledRun, key: string): Decision[] {
  return (keys?.[key] ?? []).map((value) => ({ run: run.id, value, endUs: run.end_us! }));
}

/** Arrivals that this poll may decide. Thousands may be undecided, of which a poll affects few. */
function affectedBy(
  decisions: readonly Decision[],
  open: OpenArrivals | null,
  dueBefore: Micros,
  added: readonly Arrival[],
): readonly Arrival[] {
  const values = new Set(decisions.map(({ value }) => value));
  return [...(open?.affectedBy(values, dueBefore) ?? []), ...added];
}

type CreatedRun = PollFacts['created'][number];

function arrivingRuns(
  { rule }: JourneyTarget,
  dags: ReadonlyMap<string, DagState>,
  { created }: PollFacts,
  source: string,
): CreatedRun[] {
  return created.filter(({ run }) => {
    const { owner, tags } = dags.get(run.dag_id) ?? { owner: null, tags: [] };
    const dag = { source, dag_id: run.dag_id, owner, tags };
    return isAwaited(run) && rule.from.some((selector) => matches(selector, dag));
  });
}

function arrivalsOf({ run, keys }: CreatedRun, key: string): Arrival[] {
  const atUs = run.queued_us ?? run.start_us;
  return atUs === null ? [] : [...new Set(keys[key])].map((value) => ({ run: run.id, value, atUs }));
}

function without(arrivals: readonly Arrival[], gone: ReadonlySet<Arrival>): readonly Arrival[] {
  return gone.size === 0 ? arrivals : arrivals.filter((arrival) => !gone.has(arrival));
}
