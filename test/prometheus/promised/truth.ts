import { isWithin, type Interval } from '../simulation/heartbeats.ts';
import { dateOf, momentOf, nextDate, wallClock } from './localTime.ts';
import { DAGS, type GivenPromise, type PlannedDag } from './plan.ts';
import { judgeJourneys } from './journeys.ts';
import { secondsOf, type Segment, type Truth } from './terms.ts';
import { readAt } from './told.ts';
import { dagIntervals, type SimRun, type World } from './world.ts';

export function truthOf(world: World): Truth[] {
  const names = [...new Set(world.edits.flatMap(({ promises }) => promises.map(({ name }) => name)))];
  return names.flatMap((name) =>
    DAGS.flatMap((dag) => {
      const segments = segmentsOf(world, name, dag);
      return segments.length === 0 ? [] : [judged(world, name, dag, segments)];
    }),
  );
}

function judged(world: World, promise: string, dag: PlannedDag, segments: Segment[]): Truth {
  const { rule } = segments[0]!;
  const truth: Truth = { promise, dag, inForce: merged(segments), kept: [], broken: [], overdue: [], share: null };
  if (rule.share !== undefined) truth.share = Number(String(rule.share).replace('%', '')) / 100;
  const runs = world.runs.filter((run) => run.dag === dag);
  if (rule.journey) judgeJourneys(world, truth, segments, runs);
  else if (rule.ends_within ?? rule.starts_within) for (const run of runs) judgeRun(world, truth, segments, run);
  else if (rule.succeeded_within) judgeWaits(world, truth, rule, runs);
  else judgeDays(world, truth, rule, runs);
  truth.kept.sort((a, b) => a - b);
  truth.broken.sort((a, b) => a - b);
  return truth;
}

/** Every interval in which a promise of this name applies to the DAG with the same terms. */
function segmentsOf(world: World, name: string, dag: PlannedDag): Segment[] {
  const cuts = [...new Set([...world.edits, ...world.changes].map(({ at }) => at))].sort((a, b) => a - b);
  return cuts.flatMap((from, at): Segment[] => {
    const rule = world.edits.findLast((edit) => edit.at <= from)!.promises.find((one) => one.name === name);
    const exists = isWithin(dagIntervals(world, dag.dag_id, 'exists'), from);
    const tags = world.changes.findLast((change) => change.at <= from && change.dag_id === dag.dag_id && change.tags);
    if (!rule || !exists || !fits(targetOf(rule), dag, tags?.tags ?? dag.tags)) return [];
    return [{ from, to: cuts[at + 1] ?? Infinity, rule }];
  });
}

function targetOf({ dags, journey }: GivenPromise): unknown {
  return journey ? (journey as { to: unknown }).to : dags;
}

function fits(selector: unknown, dag: PlannedDag, tags: readonly string[]): boolean {
  if (Array.isArray(selector)) return selector.some((one) => fits(one, dag, tags));
  if (typeof selector === 'string') return like(selector, dag.dag_id);
  return Object.entries(selector as Record<string, string>).every(([key, wanted]) => {
    if (key === 'tag') return tags.some((tag) => like(wanted, tag));
    if (key === 'owner') return dag.owner.split(', ').some((owner) => like(wanted, owner));
    return like(wanted, dag.dag_id);
  });
}

function like(wanted: string, text: string): boolean {
  return wanted.endsWith('*') ? text.startsWith(wanted.slice(0, -1)) : wanted === text;
}

function merged(segments: readonly Segment[]): Interval[] {
  return segments.reduce<Interval[]>((all, { from, to }) => {
    const last = all.at(-1);
    return last && last[1] === from ? [...all.slice(0, -1), [last[0], to]] : [...all, [from, to]];
  }, []);
}

/** The earlier of two times: its time is up while the promise is in force and the DAG is not paused, or it is done. */
function judgeRun(world: World, truth: Truth, segments: readonly Segment[], run: SimRun): void {
  if (run.run_type === 'backfill') return;
  const paused = dagIntervals(world, truth.dag.dag_id, 'paused');
  const { from, begins, done } = spanOf(world, truth.dag, segments[0]!.rule.starts_within !== undefined, run);
  const last = Math.min(done, run.deletedAt, world.end);
  for (const { from: since, to: until, rule } of segments) {
    const due = from + secondsOf(rule.ends_within ?? rule.starts_within);
    const up = Math.max(due, since, begins);
    const at = paused.find(([a, b]) => up >= a && up < b)?.[1] ?? up;
    const isBroken = at < Math.min(last, until);
    if (!isBroken && (done > last || done < since || done >= until)) continue;
    const verdictAt = isBroken ? at : done;
    // No exporter knows what it did not read before the run was deleted.
    if (readAt(world, verdictAt) >= run.deletedAt) return;
    (!isBroken && done <= due ? truth.kept : truth.broken).push(verdictAt);
    return;
  }
}

/** From when the time of a run counts, since when it can be late, and when it has kept its promise. */
function spanOf(
  world: World,
  { dag_id }: PlannedDag,
  isStart: boolean,
  { due, queued, start, firstStart, end }: SimRun,
): { from: number; begins: number; done: number } {
  if (!isStart) return { from: start, begins: start, done: end };
  const seen = dagIntervals(world, dag_id, 'exists')[0]![0];
  const resumed = dagIntervals(world, dag_id, 'paused').findLast(([, to]) => to <= queued)?.[1] ?? seen;
  return { from: due !== null && due >= resumed ? due : queued, begins: queued, done: firstStart };
}

/** Successes that count for a DAG's freshness. */
function successesOf(runs: readonly SimRun[], withBackfills: boolean, until: number): { run: SimRun; end: number }[] {
  return runs
    .filter((run) => withBackfills || run.run_type !== 'backfill')
    .flatMap((run) => [
      ...(run.state === 'success' && run.end < run.deletedAt ? [{ run, end: run.end }] : []),
      ...(run.again?.state === 'success' ? [{ run, end: run.again.end }] : []),
    ])
    .filter(({ end }) => end <= until)
    .sort((a, b) => a.end - b.end);
}

function judgeWaits(world: World, truth: Truth, rule: GivenPromise, runs: readonly SimRun[]): void {
  const limit = secondsOf(rule.succeeded_within);
  const paused = dagIntervals(world, truth.dag.dag_id, 'paused');
  const ends = successesOf(runs, false, world.end).map(({ end }) => end);
  const seen = dagIntervals(world, truth.dag.dag_id, 'exists')[0]![0];
  for (const [from, until] of truth.inForce) {
    const to = Math.min(until, world.end);
    let since = Math.max(ends.findLast((end) => end <= from) ?? seen, resumedBefore(paused, from));
    const steps = [
      ...ends.map((at) => ({ at, isSuccess: true })),
      ...paused.flatMap(([a, b]) => [a, b].map((at) => ({ at, isSuccess: false }))),
      { at: to, isSuccess: false },
    ]
      .filter(({ at }) => at > from && at <= to)
      .sort((a, b) => a.at - b.at);
    for (const { at, isSuccess } of steps) {
      const up = Math.max(since + limit, from);
      const waits = !paused.some(([a, b]) => a < at && at <= b);
      if (waits && at > up) {
        truth.broken.push(up);
        truth.overdue.push([up, at]);
      } else if (isSuccess) truth.kept.push(at);
      if (isSuccess || paused.some(([, b]) => b === at)) since = at;
    }
  }
}

function resumedBefore(paused: readonly Interval[], at: number): number {
  return paused.findLast(([, to]) => to <= at)?.[1] ?? -Infinity;
}

function judgeDays(world: World, truth: Truth, rule: GivenPromise, runs: readonly SimRun[]): void {
  const zone = String(rule.timezone);
  const paused = dagIntervals(world, truth.dag.dag_id, 'paused');
  const dayOf = (at: number): string => {
    const date = dateOf(at, zone);
    if (rule.day_begins === undefined) return date;
    const wall = new Date(wallClock(at, zone) * 1000).toISOString().slice(11, 16);
    return wall >= String(rule.day_begins) ? nextDate(date) : date;
  };
  const successes = successesOf(runs, true, world.end).map(({ run, end }) => ({
    day: dayOf(run.due ?? run.logical ?? run.queued),
    end,
  }));
  for (const [from, until] of truth.inForce) {
    const to = Math.min(until, world.end);
    for (let day = dayOf(from); ; day = nextDate(day)) {
      const due = momentOf(day, String(rule.done_by), zone);
      if (due > to + 2 * 86_400) break;
      if (!isPromised(rule, day)) continue;
      const inTime = successes.find((one) => one.day === day && one.end <= due);
      if (inTime) {
        if (inTime.end <= to) truth.kept.push(Math.max(inTime.end, from));
        continue;
      }
      if (due >= to || isWithin(paused, due)) continue;
      const up = Math.max(due, from);
      truth.broken.push(up);
      const good = successes.find((one) => one.day >= day && one.end > from)?.end ?? Infinity;
      const pause = paused.find(([a]) => a > up)?.[0] ?? Infinity;
      if (Math.min(good, pause, to) > up) truth.overdue.push([up, Math.min(good, pause, to)]);
    }
  }
}

function isPromised({ days, except }: GivenPromise, day: string): boolean {
  const exceptions = (except ?? []) as string[];
  if (exceptions.includes(day) || exceptions.includes(day.slice(5))) return false;
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return [days ?? 'daily'].flat().some((one) => {
    if (one === 'daily') return true;
    if (one === 'mon-fri') return weekday >= 1 && weekday <= 5;
    if (one === 'last') return nextDate(day).endsWith('-01');
    return Number(day.slice(8)) === one;
  });
}
