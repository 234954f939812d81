import { isFinishedRun } from '../../shared/states.ts';
import { observeRun } from '../flow/observations.ts';
import type { OutageInterval } from '../flow/outages.ts';
import type { EmittedTask, IndexedRun, SourceState } from '../index/rows.ts';
import type { IndexWriter } from '../index/writer.ts';
import type { Series, SeriesStore } from '../metrics/series.ts';
import { groupedBy } from '../../shared/groupedBy.ts';
import type { SourceReader } from '../sources/reader.ts';
import { taskKey, type KeyedRunRow, type Micros, type RunRow, type Snapshot, type TaskRow } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import { missingBetween, remainingGaps } from './gaps.ts';
import {
  countRefused,
  deltaOf,
  emptyWork,
  hasMoved,
  indexedRun,
  isKnownEnd,
  observeRefused,
  refOf,
  refsOf,
  type Work,
} from './pollWork.ts';
import type { StructureCache } from './structures.ts';
import { drain, markCounted, merge, trackedRun, type TrackedRun } from './trackedRun.ts';

/** New runs that one poll takes in; when there are more the next poll follows at once. */
const BATCH = 500;
/** Ids below the newest one in which late commits are looked for when a source is first seen. */
const FIRST_LOOK_BACK = 1_000;

/** What is known of outages: the recent ones, and how many have ended since the source was first seen. */
export interface OutageRecord {
  outages: readonly OutageInterval[];
  ended: number;
}

export interface PollOutcome {
  changed: Iterable<Series>;
  /** False while there are new runs that the next poll must take in. */
  caughtUp: boolean;
  /** Up to when changes have been read, by the database's clock. */
  readUntilUs: Micros;
}

/**
 * Follows the runs of one source. State in memory is what the index holds: a poll reads in one snapshot, works out what is
 * new, and writes marks, counters and watermark in one transaction. When anything fails the follower is thrown away and
 * a new one is loaded, so no half of a poll survives.
 *
 * What a poll reads: runs with new ids and in gaps of ids, active runs through their partial indexes, the task instances
 * of those that changed, and by id the runs that are active no more.
 */
export class RunFollower {
  readonly active = new Map<number, TrackedRun>();
  /** Finished runs that the sweep found to differ from the index. */
  readonly suspects = new Set<number>();
  private lastXmin: number | null = null;

  constructor(
    private readonly writer: IndexWriter,
    private state: SourceState,
    private readonly store: SeriesStore,
    private readonly structures: StructureCache,
    loaded: { active: readonly IndexedRun[]; emitted: readonly EmittedTask[] },
  ) {
    for (const run of loaded.active) this.active.set(run.id, trackedRun({ ...run, due_us: null, version: null }));
    for (const task of loaded.emitted) this.active.get(task.run)?.emitted.set(taskKey(task), task.end_us);
  }

  get progress(): Readonly<SourceState> {
    return this.state;
  }

  async poll(reader: SourceReader, snapshot: Snapshot, outages: OutageRecord): Promise<PollOutcome> {
    await this.refuseReplaced(reader, snapshot);
    const work =
      this.state.first_seen_us === null
        ? await this.firstSight(reader, snapshot)
        : await this.advance(reader, snapshot);
    const delta = deltaOf(work, outages.outages, (task, run) => this.structureOf(task, run));
    const unseen = outages.ended - this.store.count('outagesTotal', []);
    for (let one = 0; one < unseen; one++) work.observations.push({ metric: 'outagesTotal', labels: [], us: null });
    const changed = this.store.apply(work.observations);
    this.state = await this.writer.commit(this.state, { ...delta, series: changed });
    this.lastXmin = snapshot.xmin;
    return { changed, caughtUp: work.caughtUp, readUntilUs: work.readUntilUs };
  }

  /** Stores a page of history; what of it ended after the first sight is looked at again by the next poll. */
  async addHistory(page: readonly KeyedRunRow[], cursor: number): Promise<Iterable<Series>> {
    const firstSeen = this.state.first_seen_us ?? 0;
    const ended = page.filter((run) => isFinishedRun(run.state) && !this.active.has(run.id));
    const [history, since] = [
      ended.filter((run) => (run.end_us ?? 0) <= firstSeen),
      ended.filter((run) => (run.end_us ?? 0) > firstSeen),
    ];
    for (const run of since) this.suspects.add(run.id);
    const changed = this.store.apply(history.flatMap(observeRefused));
    const rows = history.map((run) => indexedRun(run, run));
    this.state = await this.writer.commitHistory(this.state, { ...this.state, history_cursor: cursor }, rows, changed);
    return changed;
  }

  structureOf(task: Pick<TaskRow, 'version'>, run: RunRow): DagStructure | null {
    return this.structures.get(refOf(task, run));
  }

  /** A database that is another one and has not come as far holds other runs under the same ids. */
  private async refuseReplaced(reader: SourceReader, snapshot: Snapshot): Promise<void> {
    const { database_oid: oid, snapshot_xmax: xmax, watermark, id } = this.state;
    if (oid === null || xmax === null || (oid === snapshot.database_oid && xmax <= snapshot.xmax)) return;
    if ((await reader.idRange()).max >= watermark) return;
    await this.writer.supersede(id);
    throw new Error('The database has been replaced by another one; it is read from its beginning.');
  }

  /** Takes the present as it is: what has ended already is history, and only what ends from now on is counted. */
  private async firstSight(reader: SourceReader, snapshot: Snapshot): Promise<Work> {
    const { min, max } = await reader.idRange();
    const newest = await reader.runsAfter(max - FIRST_LOOK_BACK, FIRST_LOOK_BACK);
    const active = await reader.activeRuns();
    const keyed = await reader.keyedRunsById(active.map((run) => run.id));
    const tasks = await this.readTasks(reader, keyed, []);
    const work = emptyWork(snapshot, {
      ...this.state,
      first_seen_us: snapshot.now_us,
      watermark: max,
      history_top: max + 1,
      history_cursor: max + 1,
      history_bottom: min,
      gaps: missingBetween(
        Math.max(0, max - FIRST_LOOK_BACK),
        newest.map((run) => run.id),
        snapshot.xmax,
      ),
    });
    for (const run of keyed) {
      const tracked = this.track(run, tasks.get(run.id) ?? []);
      work.emitted.push(...markCounted(tracked, Number.MAX_SAFE_INTEGER));
      work.entered.push({ run, keys: run });
      countRefused(run, work);
    }
    return work;
  }

  private async advance(reader: SourceReader, snapshot: Snapshot): Promise<Work> {
    const { watermark, gaps } = this.state;
    const fresh = await reader.runsAfter(watermark, BATCH);
    const late = (await reader.runsWithin(gaps)).filter((run) => !this.active.has(run.id));
    const reached = fresh.at(-1)?.id ?? watermark;
    const activeNow = (await reader.activeRuns()).filter((run) => run.id <= reached);
    const seen = new Map([...fresh, ...late].map((run) => [run.id, run]));
    const returned = await this.readReturned(reader, activeNow, seen);
    const left = await this.readLeft(reader, activeNow);
    const staying = activeNow.filter((run) => this.active.has(run.id));
    const tasks = await this.readTasks(reader, [...seen.values(), ...returned.runs, ...left.runs], staying);
    const nextGaps = [
      ...remainingGaps(gaps, [...seen.keys()], snapshot.xmin),
      ...missingBetween(
        watermark,
        fresh.map((run) => run.id),
        snapshot.xmax,
      ),
    ];
    const caughtUp = fresh.length < BATCH;
    const work = emptyWork(snapshot, { ...this.state, watermark: reached, gaps: nextGaps });
    work.caughtUp = caughtUp;
    if (!caughtUp) work.readUntilUs = fresh.at(-1)!.queued_us ?? snapshot.now_us;
    for (const run of staying) this.continueRun(run, tasks.get(run.id) ?? [], work);
    for (const run of left.runs) this.finish(this.active.get(run.id)!, run, tasks.get(run.id) ?? [], work);
    for (const id of left.deleted) this.forget(id, work);
    for (const run of [...seen.values(), ...returned.runs])
      this.enter(run, returned.indexed.get(run.id) ?? null, tasks, work);
    return work;
  }

  /** Runs that are active and were not before (cleared ones), and those that the sweep suspects. */
  private async readReturned(
    reader: SourceReader,
    activeNow: readonly RunRow[],
    seen: ReadonlyMap<number, KeyedRunRow>,
  ): Promise<{ runs: KeyedRunRow[]; indexed: Map<number, IndexedRun> }> {
    const ids = new Set(activeNow.map((run) => run.id).filter((id) => !this.active.has(id) && !seen.has(id)));
    for (const id of this.suspects) if (!this.active.has(id) && !seen.has(id)) ids.add(id);
    this.suspects.clear();
    const runs = await reader.keyedRunsById([...ids]);
    const indexed = await this.writer.runsById(this.state.id, [...ids, ...seen.keys()]);
    return { runs, indexed: new Map(indexed.map((run) => [run.id, run])) };
  }

  private async readLeft(
    reader: SourceReader,
    activeNow: readonly RunRow[],
  ): Promise<{ runs: RunRow[]; deleted: number[] }> {
    const present = new Set(activeNow.map((run) => run.id));
    const gone = [...this.active.keys()].filter((id) => !present.has(id));
    const runs = await reader.runsById(gone);
    const found = new Set(runs.map((run) => run.id));
    return { runs, deleted: gone.filter((id) => !found.has(id)) };
  }

  private async readTasks(
    reader: SourceReader,
    whole: readonly RunRow[],
    staying: readonly RunRow[],
  ): Promise<Map<number, TaskRow[]>> {
    // After a load nothing is in memory yet, so the first poll reads all of them.
    const rows = [...(await reader.tasksOf(whole)), ...(await reader.tasksOf(staying, this.lastXmin))];
    const byRun = groupedBy(rows, (row) => row.run);
    await this.structures.load(reader, refsOf([...whole, ...staying], byRun));
    return byRun;
  }

  private track(run: RunRow, tasks: readonly TaskRow[]): TrackedRun {
    const tracked = trackedRun(run);
    merge(tracked, tasks);
    this.active.set(run.id, tracked);
    return tracked;
  }

  private continueRun(run: RunRow, changed: readonly TaskRow[], work: Work): void {
    const tracked = this.active.get(run.id)!;
    if (hasMoved(tracked.run, run)) work.entered.push({ run, keys: null });
    tracked.run = run;
    merge(tracked, changed);
    this.count(tracked, changed, work);
  }

  private finish(tracked: TrackedRun, run: RunRow, tasks: readonly TaskRow[], work: Work): void {
    tracked.run = run;
    tracked.tasks.clear();
    merge(tracked, tasks);
    this.count(tracked, tracked.tasks.values(), work);
    work.observations.push(...observeRun(run));
    this.active.delete(run.id);
    work.settled.push({ tracked, keys: null });
  }

  /** A run that was not tracked: new, late, cleared and active again, or cleared and ended between two polls. */
  private enter(run: KeyedRunRow, indexed: IndexedRun | null, tasks: ReadonlyMap<number, TaskRow[]>, work: Work): void {
    const finished = isFinishedRun(run.state);
    const baseline = indexed?.counted_us ?? (run.id < this.state.history_top ? this.state.first_seen_us : null);
    if (finished && isKnownEnd(run, indexed, baseline)) {
      if (!indexed) work.settled.push({ tracked: trackedRun(run), keys: run });
      return;
    }
    const tracked = trackedRun(run);
    merge(tracked, tasks.get(run.id) ?? []);
    const marks = baseline === null ? [] : markCounted(tracked, baseline);
    if (!indexed) countRefused(run, work);
    const keys = indexed ? null : run;
    this.count(tracked, tracked.tasks.values(), work);
    if (finished) {
      work.observations.push(...observeRun(run));
      work.settled.push({ tracked, keys });
      return;
    }
    work.emitted.push(...marks);
    this.active.set(run.id, tracked);
    work.entered.push({ run, keys });
  }

  private forget(id: number, work: Work): void {
    this.active.delete(id);
    work.deleted.push(id);
  }

  private count(tracked: TrackedRun, candidates: Iterable<TaskRow>, work: Work): void {
    const { observations, emitted } = drain(tracked, candidates, (task, run) => this.structureOf(task, run));
    work.observations.push(...observations);
    work.emitted.push(...emitted);
  }
}
