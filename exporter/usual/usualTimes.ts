import { HoldingCache } from '../../platform/cache.ts';
import type { RingRow } from '../index/usualRows.ts';
import type { IndexWriter } from '../index/writer.ts';
import { byTaskId } from '../flow/transitions.ts';
import type { RunRow, TaskRow } from '../sources/rows.ts';
import type { DagStructure } from '../sources/structure.ts';
import { isAwaited } from '../promises/awaited.ts';
import { KEPT_RUNS, learnt, WHOLE_RUN, type DagRings, type Ring } from './rings.ts';

/** Maximum number of DAGs whose tasks are kept in memory. Others are read from the index when needed. */
const KEPT_DAGS = 1_000;

export interface EndedRun {
  run: RunRow;
  tasks: ReadonlyMap<string, TaskRow>;
  structure: DagStructure | null;
}

/** New durations from one poll. `accept` updates the state in memory after they are stored. */
export interface Lesson {
  rows: RingRow[];
  accept(): void;
}

/** Usual durations of one source's DAGs and their tasks. */
export class UsualTimes {
  private readonly ofDags = new HoldingCache<string, DagRings>(KEPT_DAGS);
  private ofRuns = new Map<string, Ring>();

  constructor(private readonly index: Pick<IndexWriter, 'runRings' | 'taskRings'>) {}

  async load(): Promise<void> {
    this.ofRuns = new Map((await this.index.runRings()).map((row) => [row.dag_id, ringOf(row)]));
    this.ofDags.clear();
  }

  /** Another exporter writes the index: drops the data in memory, which is read again when needed. */
  forget(): void {
    this.ofDags.clear();
  }

  /** Durations of whole runs, which are always in memory. */
  ofRun(dagId: string): Ring | undefined {
    return this.ofRuns.get(dagId);
  }

  /** Durations of a DAG's tasks if they are in memory, otherwise null. */
  known(dagId: string): DagRings | null {
    return this.ofDags.get(dagId) ?? null;
  }

  async of(dagId: string): Promise<DagRings> {
    return (await this.read([dagId])).get(dagId)!;
  }

  /** Keeps the tasks of these DAGs in memory until the next call. */
  async prepare(dagIds: Iterable<string>): Promise<void> {
    this.ofDags.hold(await this.read(dagIds));
  }

  /** Durations of all these DAGs, from memory or the index. */
  private async read(dagIds: Iterable<string>): Promise<Map<string, DagRings>> {
    const found = new Map<string, DagRings>();
    const missing = new Map<string, Map<string, Ring>>();
    for (const dagId of new Set(dagIds)) {
      const known = this.ofDags.get(dagId);
      if (known) found.set(dagId, known);
      else missing.set(dagId, new Map());
    }
    if (missing.size === 0) return found;
    for (const row of await this.index.taskRings([...missing.keys()])) {
      missing.get(row.dag_id)!.set(row.task_id, ringOf(row));
    }
    for (const [dagId, rings] of missing) {
      found.set(dagId, rings);
      this.keep(dagId, rings);
    }
    return found;
  }

  /** Learns from the successful runs among these. If a DAG has more than can be remembered, only the newest ones count. */
  async learn(ended: readonly EndedRun[]): Promise<Lesson> {
    const good = ended.filter(
      ({ run, structure, tasks }) => run.state === 'success' && isAwaited(run) && structure && tasks.size > 0,
    );
    const known = await this.read(good.map(({ run }) => run.dag_id));
    const next = new Map<string, DagRings>();
    for (const { run, tasks, structure } of good.slice(-KEPT_RUNS * KEPT_DAGS)) {
      const before = next.get(run.dag_id) ?? known.get(run.dag_id)!;
      next.set(run.dag_id, learnt(before, run, byTaskId(tasks.values()), structure!));
    }
    const rows = [...next].flatMap(([dag_id, rings]) =>
      [...rings].map(([task_id, ring]) => ({ dag_id, task_id, running_us: ring.running, waiting_us: ring.waiting })),
    );
    return { rows, accept: () => next.forEach((rings, dagId) => this.keep(dagId, rings)) };
  }

  private keep(dagId: string, rings: DagRings): void {
    this.ofDags.set(dagId, rings);
    const whole = rings.get(WHOLE_RUN);
    if (whole) this.ofRuns.set(dagId, whole);
  }
}

function ringOf({ running_us, waiting_us }: RingRow): Ring {
  return { running: running_us, waiting: waiting_us };
}
