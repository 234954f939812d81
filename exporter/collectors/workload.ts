import type { GaugeSample } from '../metrics/gauges.ts';
import type { MetricKey } from '../../shared/metrics.ts';
import { FOLDED } from '../metrics/series.ts';
import type { Micros, PoolRow, TaskRow } from '../sources/rows.ts';
import { isFinishedTask } from '../../shared/states.ts';
import type { TrackedRun } from './trackedRun.ts';

/** Present state as gauges: active runs and tasks by state, workers, queues and pools. Pure; at most `limit` per metric. */
export function workloadGauges(
  active: Iterable<TrackedRun>,
  pools: Iterable<PoolRow>,
  nowUs: Micros,
  limit: number,
): GaugeSample[] {
  const board = new Board(limit);
  for (const { run, tasks } of active) {
    board.add('runsActive', { dag_id: run.dag_id, state: run.state }, 1);
    const since = run.start_us ?? run.queued_us;
    if (since !== null) board.max('oldestActiveRunAge', { dag_id: run.dag_id }, (nowUs - since) / 1e6);
    for (const task of tasks.values()) if (!isFinishedTask(task.state)) addTask(board, run.dag_id, task, nowUs);
  }
  for (const pool of pools) {
    board.add('poolSlots', { pool: pool.pool }, pool.slots);
    board.add('poolSlotsUsed', { pool: pool.pool }, 0);
  }
  return board.samples();
}

const AGES: readonly MetricKey[] = ['oldestActiveRunAge', 'queueOldestAge'];

/** A sample some time after it was taken: ages have grown, counts stand as they were. */
export function grown(sample: GaugeSample, us: Micros): GaugeSample {
  return AGES.includes(sample.metric) ? { ...sample, value: sample.value + us / 1e6 } : sample;
}

function addTask(board: Board, dagId: string, task: TaskRow, nowUs: Micros): void {
  board.add('tasksActive', { dag_id: dagId, state: task.state ?? 'none' }, 1);
  if (task.state !== 'running' && task.state !== 'queued') return;
  const queue = task.queue ?? '';
  board.add('poolSlotsUsed', { pool: task.pool ?? '' }, task.pool_slots);
  if (task.state === 'running') return board.add('workerTasksRunning', { hostname: task.hostname ?? '', queue }, 1);
  board.add('queueBacklog', { queue }, 1);
  if (task.queued_us !== null) board.max('queueOldestAge', { queue }, Math.max(0, nowUs - task.queued_us) / 1e6);
}

type Labels = Record<string, string>;

/** Sums and maxima by label set. What comes on top of the limit is gathered under `_other`. */
class Board {
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

/** A state is one of few; every other label's values are made up by the observed database. */
function folded(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, name === 'state' ? value : FOLDED]));
}
