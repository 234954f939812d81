import { groupedBy } from '../../shared/groupedBy.ts';
import type { DagState } from '../index/promiseRows.ts';
import { judgeJourneys, type JourneysJudged } from './judgeJourneys.ts';
import { judgeRuns, type Marks, type RunsJudged } from './judgeRuns.ts';
import { judgeTimes, type TimedPlace, type TimesJudged } from './judgeTimes.ts';
import type { OpenArrivals } from './openArrivals.ts';
import type { PollFacts } from './pollFacts.ts';
import { hasShare, isJourneyTarget, type JourneyTarget, type RunTarget, type Target } from './targets.ts';

export type Judgement = RunsJudged & JourneysJudged & TimesJudged;

/** All targets, grouped by how they are judged. Stays valid when states of targets change. */
export interface TargetGroups {
  byDag: ReadonlyMap<string, readonly RunTarget[]>;
  journeys: readonly JourneyTarget[];
  times: readonly TimedPlace[];
}

export function groupsOf(targets: readonly Target[]): TargetGroups {
  return {
    byDag: groupedBy(
      targets.filter((target): target is RunTarget => hasShare(target) && !isJourneyTarget(target)),
      (target) => target.dag_id,
    ),
    journeys: targets.filter(isJourneyTarget),
    times: targets.flatMap((target, at) => (hasShare(target) ? [] : [{ at, rest: null }])),
  };
}

/** What promises are judged by, as of the last poll. */
export interface Known {
  source: string;
  dags: ReadonlyMap<string, DagState>;
  targets: readonly Target[];
  groups: TargetGroups;
  marks: Marks;
  openOf(target: JourneyTarget): OpenArrivals | null;
}

/** Computes all verdicts of one poll. They take effect when the caller stores them. */
export function judgePoll({ source, dags, targets, groups, marks, openOf }: Known, facts: PollFacts): Judgement {
  const runs = judgeRuns(groups.byDag, dags, marks, facts);
  const journeys = judgeJourneys(groups.journeys, dags, facts, source, openOf);
  const times = judgeTimes(targets, groups.times, dags, facts);
  const verdicts = [...runs.verdicts, ...journeys.verdicts, ...times.verdicts];
  return { ...runs, ...journeys, ...times, verdicts };
}
