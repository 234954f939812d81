import type { GaugeSample } from '../metrics/gauges.ts';
import type { MetricKey } from '../../shared/metrics.ts';
import { FOLDED } from '../metrics/series.ts';
import type { Micros, PoolRow, TaskRow } from '../sources/rows.ts';
import { isFinishedTask } from '../../shared/states.ts';
import type { Collector, CollectorContext, Session } from './collector.ts';
import type { TrackedRun } from './trackedRun.ts';

/** Present state as gauges: active runs and tasks by state, workers, queues and pools. Pure; at most `limit` per metric. */
export function workloadGauges(
  active: Iterable<TrackedRun>,
  pools: Iterable<PoolRow>,
  nowUs: Micros,
  limit: number,
): GaugeSample[] {
  const tally = new Tally(limit);
  for (const { run, tasks } of active) {
    tally.add('runsActive', { dag_id: run.dag_id, state: run.state }, 1);
    const since = run.start_us ?? run.queued_us;
    if (since !== null) tally.max('oldestActiveRunAge', { dag_id: run.dag_id }, (nowUs - since) / 1e6);
    for (const task of tasks.values()) if (!isFinishedTask(task.state)) addTask(tally, run.dag_id, task, nowUs);
  }
  for (const pool of pools) {
    tally.add('poolSlots', { pool: pool.pool }, pool.slots);
    tally.add('poolSlotsUsed', { pool: pool.pool }, 0);
  }
  return tally.samples();
}

/** Collects active runs and tasks, workers, queues and pools. */
export class WorkloadCollector implements Collector {
  readonly name = 'workload';
  readonly everySeconds = 0;
  readonly isEssential = false;
  readonly needs = ['dags', 'runs'];
  private samples: readonly GaugeSample[] = [];

  constructor(private readonly context: CollectorContext) {}

  async collect({ follower, facts, clock }: Session): Promise<void> {
    this.samples = workloadGauges(
      follower.active.values(),
      facts.pools.values(),
      clock.readUs,
      this.context.seriesLimit,
    );
  }

  gauges({ clock }: Session): GaugeSample[] {
    return this.samples.map((sample) => grown(sample, clock.sinceReadUs));
  }
}

const AGES: readonly MetricKey[] = ['oldestActiveRunAge', 'queueOldestAge'];

/** A sample some time after it was taken: ages have grown, counts have not changed. */
function grown(sample: GaugeSample, us: Micros): GaugeSample {
  return AGES.includes(sample.metric) ? { ...sample, value: sample.value + us / 1e6 } : sample;
}

function addTask(tally: Tally, dagId: string, task: TaskRow, nowUs: Micros): void {
  tally.add('tasksActive', { dag_id: dagId, state: task.state ?? 'none' }, 1);
  if (task.state !== 'running' && task.state !== 'queued') return;
  const queue = task.queue ?? '';
  tally.add('poolSlotsUsed', { pool: task.pool ?? '' }, task.pool_slots);
  if (task.state === 'running') return tally.add('workerTasksRunning', { hostname: workerOf(task, dagId), queue }, 1);
  tally.add('queueBacklog', { queue }, 1);
  if (task.queued_us !== null) tally.max('queueOldestAge', { queue }, Math.max(0, nowUs - task.queued_us) / 1e6);
}

/** Label value for all pods of Airflow's KubernetesExecutor. Each pod runs one task, so their names would create endless series. */
const POD = 'kubernetes-pod';

/**
 * The worker that runs a task. The KubernetesExecutor names a pod after the DAG and the task, truncated to the length of a host
 * name, with random characters at the end.
 */
export function workerOf(task: Pick<TaskRow, 'hostname' | 'task_id'>, dagId: string): string {
  const hostname = task.hostname ?? '';
  const [, name] = /^([a-z0-9-]+?)[.-][a-z0-9]{8,32}(\.|$)/.exec(hostname) ?? [];
  const letters = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (!name || !letters(dagId + task.task_id).startsWith(letters(name))) return hostname;
  const isWhole = letters(name) === letters(dagId + task.task_id);
  return isWhole || hostname.length >= SHORTEST_CUT ? POD : hostname;
}

/** Pod names are truncated to about 63 characters. A much shorter name that does not contain the whole ids is not a pod's. */
const SHORTEST_CUT = 40;

type Labels = Record<string, string>;

/** Sums and maxima by label set. Label sets beyond the limit are combined under `_other`. */
class Tally {
  private readonly values = new Map<MetricKey, Map<string, { labels: Labels; value: number }>>();

  constructor(private readonly limit: number) {}

  add(metric: MetricKey, labels: Labels, value: number): void {
    const cell = this.cell(metric, labels);
    cell.value += value;
  }

  max(metric: MetricKey, labels: Labels, value: number): void {
    const cell = this.cell(metric, labels);
    cell.value = Math.max(cell.value, value);
  }

  samples(): GaugeSample[] {
    return [...this.values].flatMap(([metric, cells]) => [...cells.values()].map((cell) => ({ metric, ...cell })));
  }

  private cell(metric: MetricKey, labels: Labels): { labels: Labels; value: number } {
    let cells = this.values.get(metric);
    if (!cells) this.values.set(metric, (cells = new Map()));
    const key = keyOf(labels);
    const known = cells.get(key);
    if (known) return known;
    const kept = cells.size < this.limit ? labels : folded(labels);
    const keptKey = kept === labels ? key : keyOf(kept);
    let cell = cells.get(keptKey);
    if (!cell) cells.set(keptKey, (cell = { labels: kept, value: 0 }));
    return cell;
  }
}

function keyOf(labels: Labels): string {
  return Object.values(labels).join('\u0000');
}

/** Keeps the state, which has few values. The values of all other labels come from the observed database and are unbounded. */
function folded(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, name === 'state' ? value : FOLDED]));
}
