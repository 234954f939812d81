import type { JourneyParent } from '../../shared/journeys.ts';
import { groupedBy } from '../../shared/groupedBy.ts';
import { originHints, type OriginHint } from '../flow/origins.ts';
import type { WantedRun } from '../index/journeyReader.ts';
import type { FoundRun } from '../index/reader.ts';
import type { AssetParentRow, OriginRow } from '../sources/rows.ts';
import type { ApiContext } from './context.ts';

/** `run` is null if the index does not have the parent that the source names. */
export interface FoundParent extends JourneyParent {
  /** refKey of the parent. */
  ref: string;
  run: FoundRun | null;
}

export function refKey(run: { source: string; dag_id: string; run_id: string }): string {
  return JSON.stringify([run.source, run.dag_id, run.run_id]);
}

/** Parents of runs by refKey. Anything that can't be determined is added to the notes. */
export async function parentsOf(
  context: ApiContext,
  runs: readonly FoundRun[],
  notes: Set<string>,
): Promise<Map<string, FoundParent[]>> {
  const bySource = [...groupedBy(runs, (run) => run.source)];
  const found = await Promise.all(bySource.map(([source, own]) => parentsIn(context, source, own, notes)));
  return new Map(found.flatMap((parents) => [...parents]));
}

/** A run and a hint to one of its parents. */
interface Asked {
  run: FoundRun;
  hint: OriginHint;
}

async function parentsIn(
  context: ApiContext,
  name: string,
  runs: readonly FoundRun[],
  notes: Set<string>,
): Promise<Map<string, FoundParent[]>> {
  const ids = runs.map((run) => run.id);
  const source = context.sources.find((other) => other.name === name);
  const answer = await source
    ?.read(async (reader) => ({ origins: await reader.originsOf(ids), assets: await reader.assetParentsOf(ids) }))
    .catch(() => undefined);
  if (!answer) notes.add(`The source "${name}" can't be read now, so the parents of its runs are not known.`);
  const asked = answer ? hintsOf(runs, answer.origins, answer.assets ?? []) : [];
  const names = asked.map(({ hint }) => namesOf(hint));
  const rows = groupedBy(await context.journeys.named(name, names.flat()), (row) => row.wanted);
  const parents = new Map(runs.map((run) => [refKey(run), new Map<string, FoundParent>()]));
  let at = 0;
  for (const [index, { run, hint }] of asked.entries()) {
    const answers = names[index]!.map(() => rows.get(at++) ?? []);
    const parent = choose(hint, answers, run.source);
    const own = parents.get(refKey(run))!;
    if (parent && parent.ref !== refKey(run) && !own.has(parent.ref)) own.set(parent.ref, parent);
  }
  return new Map([...parents].map(([ref, own]) => [ref, [...own.values()]]));
}

function hintsOf(runs: readonly FoundRun[], origins: readonly OriginRow[], assets: readonly AssetParentRow[]): Asked[] {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const said = origins.flatMap(({ run: id, triggered_by, conf }) => {
    const run = byId.get(id)!;
    return originHints(run.run_id, triggered_by, conf).map((hint) => ({ run, hint }));
  });
  const events = assets.map(({ run, dag_id, run_id }): Asked => {
    return { run: byId.get(run)!, hint: { dagIds: [dag_id], runId: run_id, found_by: 'asset_event' } };
  });
  return [...said, ...events];
}

const isRecorded = ({ found_by }: OriginHint): boolean => found_by === 'triggered_by' || found_by === 'asset_event';

/** The run in each DAG that the hint names, and finally in any DAG, if the run_id alone may identify it. */
function namesOf({ dagIds, runId, ...hint }: OriginHint): WantedRun[] {
  const named = dagIds.map((dagId): WantedRun => ({ dag_id: dagId, run_id: runId }));
  return isRecorded({ dagIds, runId, ...hint }) ? named : [...named, { dag_id: null, run_id: runId }];
}

/**
 * The run that a hint refers to: a run of a DAG that it names, otherwise the only run with that id. A parent that the source
 * has recorded is accepted even if the index does not have it.
 */
function choose(hint: OriginHint, answers: readonly FoundRun[][], source: string): FoundParent | null {
  const own = (rows: readonly FoundRun[]): FoundRun[] => {
    const near = rows.filter((row) => row.source === source);
    return near.length > 0 ? near : isRecorded(hint) ? [] : [...rows];
  };
  const exact = answers.slice(0, hint.dagIds.length).flatMap(own)[0];
  const any = isRecorded(hint) ? [] : own(answers.at(-1)!);
  const run = exact ?? (any.length === 1 ? any[0]! : null);
  if (!run && !isRecorded(hint)) return null;
  const name = run ?? { source, dag_id: hint.dagIds[0]!, run_id: hint.runId };
  const parent = { source: name.source, dag_id: name.dag_id, run_id: name.run_id, found_by: hint.found_by };
  return { ...parent, ref: refKey(parent), run };
}
