import { isFinishedRun } from '../../shared/states.ts';
import { observeRun } from '../flow/observations.ts';
import type { EmittedTask, IndexedRun, SourceState } from '../index/rows.ts';
import { StaleStateError } from '../index/staleState.ts';
import type { IndexWriter } from '../index/writer.ts';
import type { Series, SeriesStore } from '../metrics/series.ts';
import { groupedBy } from '../../shared/groupedBy.ts';
import type { SourceReader } from '../sources/reader.ts';
import { taskKey, type KeyedRunRow, type Micros, type RunRow, type Snapshot, type TaskRow } from '../sources/rows.ts';
import { newestVersion, type DagStructure } from '../sources/structure.ts';
import type { UsualTimes } from '../usual/usualTimes.ts';
import type { SourcePromises } from '../promises/sourcePromises.ts';
import type { SourceFacts } from './facts.ts';
import { FIRST_LOOK_BACK, firstProgress, gapsAfter, historyUntil, isTooOld, zerosOf } from './progress.ts';
import {
  countRefused,
  noteNew,
  deltaOf,
  emptyWork,
  hasMoved,
  hasState,
  indexedRun,
  isKnownEnd,
  observeRefused,
  refOf,
  type Work,
} from './pollWork.ts';
import { endedRunsOf, pollFactsOf } from './workFacts.ts';
import { readLeft, readReturned, readTasks, readUnknownDags } from './runReads.ts';
import type { StructureCache } from './structures.ts';
import { counted, trackedRun, withHistory, withRows, type StructureOf, type TrackedRun } from './trackedRun.ts';

/** Maximum number of new runs that one poll reads. If there are more, the next poll follows immediately. */
const BATCH = 500;

const NOT_INDEXED = {
  due_us: null,
  after_us: null,
  decided_us: null,
  backfill_id: null,
  backfill_ordinal: null,
  version: null,
};

export interface PollOutcome {
  changed: Iterable<Series>;
  /** False while there are more new runs for the next poll. */
  caughtUp: boolean;
  /** The moment up to which changes have been read, by the database's clock. */
  readUntilUs: Micros;
  /** Runs that have ended since the last poll. */
  ended: readonly TrackedRun[];
}

/**
 * Follows the runs of one source. The state in memory is the same as in the index. A poll reads one snapshot, determines what
 * is new, writes marks, counters and the watermark in one transaction, and updates the state in memory after the commit. So a
 * poll that fails changes nothing, and the next one repeats its work.
 *
 * A poll reads runs with new ids and in gaps of ids, active runs through their partial indexes, the changed task instances of
 * these runs, and by id the runs that are no longer active.
 */
export class RunFollower {
  /** Finished runs that the sweep found to differ from the index. */
  readonly suspects = new Set<number>();
  private tracked: ReadonlyMap<number, TrackedRun>;
  /** The moment down to which the history has been read. */
  private historyFromUs: Micros = Infinity;
  private lastXmin: number | null = null;
  private readonly structureOf: StructureOf = (task, run) => this.structures.get(refOf(task, run));

  constructor(
    private readonly writer: IndexWriter,
    private state: SourceState,
    private readonly store: SeriesStore,
    private readonly structures: StructureCache,
    private readonly promises: SourcePromises,
    private readonly usual: UsualTimes,
    loaded: { active: readonly IndexedRun[]; emitted: readonly EmittedTask[] },
  ) {
    const marks = groupedBy(loaded.emitted, (task) => task.run);
    this.tracked = new Map(
      loaded.active.map((run) => {
        const emitted = new Map((marks.get(run.id) ?? []).map((task) => [taskKey(task), task]));
        return [run.id, { ...trackedRun({ ...run, ...NOT_INDEXED }, [], run.keys), emitted }];
      }),
    );
  }

  get progress(): Readonly<SourceState> {
    return this.state;
  }

  /** Runs that are queued or running, by id. */
  get active(): ReadonlyMap<number, TrackedRun> {
    return this.tracked;
  }

  /** The structure by which the scheduler goes on with a run. */
  structureOfRun({ run, tasks }: TrackedRun): DagStructure | null {
    return this.structureOf({ version: newestVersion(tasks.values()) }, run);
  }

  async poll(reader: SourceReader, snapshot: Snapshot, facts: SourceFacts): Promise<PollOutcome> {
    await this.refuseReplaced(reader, snapshot);
    const suspects = new Set(this.suspects);
    const work =
      this.state.first_seen_us === null
        ? await this.firstSight(reader, snapshot)
        : await this.advance(reader, snapshot, suspects);
    await readUnknownDags(reader, facts, work);
    const delta = deltaOf(work, facts, this.structureOf);
    for (const _ of facts.outagesUncounted) work.observations.push({ metric: 'outagesTotal', labels: [], us: null });
    const zeros = zerosOf(facts.dags.values(), this.store.limit).filter(
      ({ metric, labels }) => !this.store.has(metric, labels),
    );
    const seen = pollFactsOf(work, snapshot, this.historyFromUs, facts.stampsBehindUs);
    const promised = this.promises.judge(facts.dags, seen);
    const lesson = await this.usual.learn(endedRunsOf(work, (tracked) => this.structureOfRun(tracked)));
    await this.usual.prepare([...work.active.values()].map(({ run }) => run.dag_id));
    const changed = this.store.apply([...zeros, ...work.observations, ...promised.observations]);
    this.state = await this.writer.commit(this.state, {
      ...delta,
      series: changed,
      promises: promised.delta,
      rings: lesson.rows,
      countedOutages: facts.outagesUncounted,
    });
    this.store.accept(changed);
    promised.accept();
    lesson.accept();
    this.tracked = work.active;
    this.lastXmin = snapshot.xmin;
    for (const id of suspects) this.suspects.delete(id);
    const ended = work.settled.map(({ tracked }) => tracked);
    return { changed, caughtUp: work.caughtUp, readUntilUs: work.progress.read_until_us, ended };
  }

  /**
   * Follows active runs without counting or storing anything, which only the leader does. Returns the runs that have ended
   * since the last call.
   */
  async watch(reader: SourceReader, snapshot: Snapshot): Promise<TrackedRun[]> {
    const active = await reader.activeRuns();
    const left = await readLeft(reader, this.tracked, active);
    const fresh = active.filter((run) => !this.tracked.has(run.id));
    const staying = active.filter((run) => this.tracked.has(run.id));
    const tasks = await this.readTasks(reader, [...fresh, ...left.runs], staying);
    const rowsOf = (run: RunRow): readonly TaskRow[] => tasks.get(run.id) ?? [];
    this.tracked = new Map(
      active.map((run) => [run.id, withRows(this.tracked.get(run.id) ?? trackedRun(run), run, rowsOf(run))]),
    );
    this.lastXmin = snapshot.xmin;
    return left.runs.map((run) => trackedRun(run, rowsOf(run)));
  }

  /** Stores a page of the history. The next poll examines those of its runs again that ended after the source was first seen. */
  async addHistory(page: readonly KeyedRunRow[], cursor: number): Promise<Iterable<Series>> {
    const firstSeen = this.state.first_seen_us ?? 0;
    const ended = page.filter((run) => isFinishedRun(run.state) && !this.tracked.has(run.id));
    const [history, since] = [
      ended.filter((run) => (run.end_us ?? 0) <= firstSeen && !isTooOld(this.state, run)),
      ended.filter((run) => (run.end_us ?? 0) > firstSeen),
    ];
    const changed = this.store.apply(history.flatMap(observeRefused));
    const rows = history.map((run) => indexedRun(run, run));
    this.state = await this.writer.commitHistory(this.state, { ...this.state, history_cursor: cursor }, rows, changed);
    this.store.accept(changed);
    for (const run of since) this.suspects.add(run.id);
    this.promises.noteHistory(history);
    const oldest = page.at(-1);
    this.historyFromUs = oldest?.queued_us ?? oldest?.start_us ?? this.historyFromUs;
    return changed;
  }

  /**
   * Removes a batch of runs that are older than the retention period, and the series of DAGs that were deleted long ago. Returns
   * the remaining series if any was removed, otherwise null.
   */
  async prune(keptFromUs: Micros, gone: (dagId: string) => boolean): Promise<readonly Series[] | null> {
    const progress = { ...this.state, kept_from_us: Math.max(keptFromUs, this.state.kept_from_us ?? 0) };
    const { state, removed } = await this.writer.prune(this.state, progress, gone);
    this.state = state;
    this.store.remove(removed);
    return removed.length > 0 ? this.store.all() : null;
  }

  /** Checks that it is still the same database: another one may have other runs under the same ids. */
  private async refuseReplaced(reader: SourceReader, snapshot: Snapshot): Promise<void> {
    const { database_oid: oid, snapshot_xmax: xmax, watermark, id } = this.state;
    if (oid === null || xmax === null || (oid === snapshot.database_oid && xmax <= snapshot.xmax)) return;
    if ((await reader.idRange()).max >= watermark) return;
    // Another standby, or the same one after it was restored. Its primary has the runs.
    if (snapshot.replica) throw new Error('The server is a standby that has not yet applied all that was read before');
    await this.writer.supersede(id);
    throw new StaleStateError('The database has been replaced by another one, which is now read from its beginning.');
  }

  /** The first poll of a source. Everything that has already ended is history; only later ends are counted. */
  private async firstSight(reader: SourceReader, snapshot: Snapshot): Promise<Work> {
    const { min, max } = await reader.idRange();
    const newest = await reader.runsAfter(max - FIRST_LOOK_BACK, FIRST_LOOK_BACK);
    const active = await reader.activeRuns();
    const keyed = await reader.keyedRunsById(active.map((run) => run.id));
    const tasks = await this.readTasks(reader, keyed, []);
    const progress = firstProgress(this.state, snapshot, { min, max }, newest);
    const work = emptyWork(snapshot, progress, new Map());
    for (const run of keyed) {
      const known = trackedRun(run, tasks.get(run.id), run.keys);
      const { tracked, marks } = withHistory(known, Number.MAX_SAFE_INTEGER, 'first-seen');
      work.active.set(run.id, tracked);
      work.emitted.push(...marks);
      work.entered.push({ run, keys: run });
      countRefused(run, work);
    }
    return work;
  }

  private async advance(reader: SourceReader, snapshot: Snapshot, suspects: ReadonlySet<number>): Promise<Work> {
    const { watermark, gaps } = this.state;
    const fresh = await reader.runsAfter(watermark, BATCH);
    const late = (await reader.runsWithin(gaps)).filter((run) => !this.tracked.has(run.id));
    const reached = fresh.at(-1)?.id ?? watermark;
    const activeNow = (await reader.activeRuns()).filter((run) => run.id <= reached);
    // A run without a valid state is picked up when it gets one: as an active run, or by the sweep.
    const seen = new Map([...fresh, ...late].filter(hasState).map((run) => [run.id, run]));
    const returned = await readReturned(reader, this.tracked, activeNow, seen, suspects);
    const ids = [...seen.keys(), ...returned.map((run) => run.id)];
    const indexed = new Map((await this.writer.runsById(this.state.id, ids)).map((run) => [run.id, run]));
    const left = await readLeft(reader, this.tracked, activeNow);
    const staying = activeNow.filter((run) => this.tracked.has(run.id));
    const tasks = await this.readTasks(reader, [...seen.values(), ...returned, ...left.runs], staying);
    const nextGaps = gapsAfter(this.state, snapshot, fresh, seen);
    const caughtUp = fresh.length < BATCH;
    const work = emptyWork(snapshot, { ...this.state, watermark: reached, gaps: nextGaps }, this.tracked);
    work.caughtUp = caughtUp;
    if (!caughtUp) work.progress.read_until_us = fresh.at(-1)!.queued_us ?? snapshot.now_us;
    for (const run of staying) this.continueRun(run, tasks.get(run.id) ?? [], work);
    for (const run of left.runs) this.finish(this.tracked.get(run.id)!, run, tasks.get(run.id) ?? [], work);
    for (const id of left.deleted) {
      work.active.delete(id);
      work.deleted.push(id);
    }
    for (const run of [...seen.values(), ...returned]) {
      this.enter(run, indexed.get(run.id) ?? null, tasks.get(run.id) ?? [], work);
    }
    return work;
  }

  private readTasks(
    reader: SourceReader,
    whole: readonly RunRow[],
    staying: readonly RunRow[],
  ): Promise<Map<number, TaskRow[]>> {
    return readTasks(reader, this.structures, whole, staying, this.lastXmin);
  }

  private continueRun(run: RunRow, changed: readonly TaskRow[], work: Work): void {
    const before = this.tracked.get(run.id)!;
    if (hasMoved(before.run, run)) work.entered.push({ run, keys: null });
    work.active.set(run.id, this.count(withRows(before, run, changed), changed, work));
  }

  private finish({ emitted, keys }: TrackedRun, run: RunRow, tasks: readonly TaskRow[], work: Work): void {
    const ended = { ...trackedRun(run, tasks, keys), emitted };
    const tracked = this.count(ended, ended.tasks.values(), work);
    work.observations.push(...observeRun(run));
    work.active.delete(run.id);
    work.settled.push({ tracked, keys: null, isFirstEnd: true });
  }

  /** Starts tracking a run: it is new or committed late, or it was cleared and is active again or has already ended again. */
  private enter(run: KeyedRunRow, indexed: IndexedRun | null, tasks: readonly TaskRow[], work: Work): void {
    const finished = isFinishedRun(run.state);
    const baseline = indexed?.counted_us ?? historyUntil(this.state, run);
    if (finished && isKnownEnd(run, indexed, baseline)) {
      if (!indexed) work.settled.push({ tracked: trackedRun(run), keys: run, isFirstEnd: false });
      else if (indexed.end_us !== run.end_us) work.entered.push({ run, keys: null });
      return;
    }
    if (!indexed) noteNew(run, baseline, work);
    const { tracked: fresh, marks } = withHistory(
      trackedRun(run, tasks, run.keys),
      baseline ?? -Infinity,
      indexed ? 'run-ended' : 'first-seen',
    );
    const tracked = this.count(fresh, fresh.tasks.values(), work);
    const keys = indexed ? null : run;
    if (finished) {
      work.observations.push(...observeRun(run));
      work.settled.push({ tracked, keys, isFirstEnd: !indexed || !isFinishedRun(indexed.state) });
      return;
    }
    work.emitted.push(...marks);
    work.active.set(run.id, tracked);
    work.entered.push({ run, keys });
  }

  private count(tracked: TrackedRun, candidates: Iterable<TaskRow>, work: Work): TrackedRun {
    const { tracked: next, observations, marks } = counted(tracked, candidates, this.structureOf);
    work.observations.push(...observations);
    work.emitted.push(...marks);
    return next;
  }
}
