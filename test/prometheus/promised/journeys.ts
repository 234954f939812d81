import { isWithin } from '../simulation/heartbeats.ts';
import { secondsOf, type Segment, type Truth } from './terms.ts';
import { readAt } from './told.ts';
import { dagIntervals, type SimRun, type World } from './world.ts';

interface Decision {
  run: number;
  end: number;
}

/** Every arrival of a value has one verdict for each deciding DAG, as docs/promises.md says. `runs` are those of that DAG. */
export function judgeJourneys(world: World, truth: Truth, segments: readonly Segment[], runs: readonly SimRun[]): void {
  const { from } = segments[0]!.rule.journey as { from: string };
  const decisions = decisionsOf(runs);
  for (const arrival of world.runs) {
    if (arrival.dag.dag_id !== from || arrival.run_type === 'backfill') continue;
    for (const value of arrival.values) {
      const own = (decisions.get(value) ?? []).filter(({ run }) => run >= arrival.id);
      judgeArrival(world, truth, segments, arrival, Math.min(Infinity, ...own.map(({ end }) => end)));
    }
  }
}

function decisionsOf(runs: readonly SimRun[]): Map<string, Decision[]> {
  const found = new Map<string, Decision[]>();
  for (const run of runs) {
    const ends = [
      ...(run.state === 'success' && run.end < run.deletedAt ? [run.end] : []),
      ...(run.again?.state === 'success' ? [run.again.end] : []),
    ];
    for (const value of run.values) {
      found.set(value, [...(found.get(value) ?? []), ...ends.map((end) => ({ run: run.id, end }))]);
    }
  }
  return found;
}

/** An arrival counts from when it is read, if the promise is in force without interruption. */
function judgeArrival(
  world: World,
  truth: Truth,
  segments: readonly Segment[],
  { queued, deletedAt }: SimRun,
  decided: number,
): void {
  const read = readAt(world, queued);
  if (read >= deletedAt) return;
  const gone = deletedAt === Infinity ? Infinity : readAt(world, deletedAt);
  let followed = read;
  for (const { from, to, rule } of segments) {
    if (to <= followed) continue;
    if (from > followed) return;
    const due = queued + secondsOf(rule.ends_within);
    const kept = decided <= due;
    const at = kept ? decided : Math.min(decided, upAt(world, truth.dag.dag_id, Math.max(due, from)));
    const told = Math.max(readAt(world, at), read);
    if (told >= to) {
      followed = to;
      continue;
    }
    if (told < gone && told <= world.end) (kept ? truth.kept : truth.broken).push(Math.max(at, read));
    return;
  }
}

/** When an exporter notices that the time is up, which it does not while the deciding DAG is paused. */
function upAt(world: World, dagId: string, due: number): number {
  const paused = dagIntervals(world, dagId, 'paused');
  const at = readAt(world, due);
  return isWithin(paused, at) ? paused.find(([from, to]) => at >= from && at < to)![1] : due;
}
