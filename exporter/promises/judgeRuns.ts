import type { DagState, VerdictRow } from '../index/promiseRows.ts';
import type { Micros, RunRow, TaskRow } from '../sources/rows.ts';
import { judgeEnd } from './endsWithin.ts';
import type { PollFacts } from './pollFacts.ts';
import { judgeStart } from './startsWithin.ts';
import type { RunTarget } from './targets.ts';
import { verdictRow, type Verdict } from './verdict.ts';

/** Promises that have a verdict on a run that is still active, by the run. */
export type Marks = ReadonlyMap<number, ReadonlySet<string>>;

export interface RunsJudged {
  verdicts: VerdictRow[];
  /** Verdicts on runs that are still active. */
  marks: { run: number; promise: string }[];
}

/** Judges runs that have ended, and active runs whose time is up. Each run is judged once. */
export function judgeRuns(
  byDag: ReadonlyMap<string, readonly RunTarget[]>,
  dags: ReadonlyMap<string, DagState>,
  marked: Marks,
  facts: PollFacts,
): RunsJudged {
  const verdicts: VerdictRow[] = [];
  const marks: RunsJudged['marks'] = [];
  const verdictOn = (target: RunTarget, run: RunRow, tasks: Iterable<TaskRow>, dag?: DagState): Verdict | null =>
    marked.get(run.id)?.has(target.rule.name) ? null : judgeRun(target, run, tasks, dag, facts.stampedUs);
  for (const { run, tasks, isFirstEnd } of facts.settled) {
    if (!isFirstEnd) continue;
    for (const target of byDag.get(run.dag_id) ?? []) {
      const verdict = verdictOn(target, run, tasks, dags.get(run.dag_id));
      if (verdict) verdicts.push(verdictRow(target, verdict));
    }
  }
  for (const { run, tasks } of facts.active) {
    const targets = byDag.get(run.dag_id);
    if (!targets) continue;
    const dag = dags.get(run.dag_id);
    // The tasks of a paused DAG are not scheduled. Its runs are judged when it is unpaused or they end.
    if (dag?.is_paused) continue;
    for (const target of targets) {
      const verdict = verdictOn(target, run, tasks.values(), dag);
      if (!verdict) continue;
      verdicts.push(verdictRow(target, verdict));
      marks.push({ run: run.id, promise: target.rule.name });
    }
  }
  return { verdicts, marks };
}

function judgeRun(
  { rule }: RunTarget,
  run: RunRow,
  tasks: Iterable<TaskRow>,
  dag: DagState | undefined,
  nowUs: Micros,
): Verdict | null {
  if (rule.kind === 'ends_within') return judgeEnd(run, rule.limitUs, nowUs);
  return judgeStart(run, tasks, rule.limitUs, dag?.resumed_us ?? dag?.watched_us ?? 0, nowUs);
}
