import { METRICS } from '../../shared/metrics.ts';
import { RECORDS } from '../../shared/records.ts';
import { duration } from '../promql/duration.ts';
import { promiseMemory, remembered } from '../promql/remembered.ts';
import type { Thresholds } from '../thresholds.ts';

type BurnWindow = Thresholds['flow_burn'][number];

const BY = 'by (source, dag_id, promise)';
/** No window asks for more than this share of its runs to be broken: with a low share a high factor could not be reached. */
const MOST_BROKEN = 0.72;
/** While neither the exporter nor Prometheus is away for longer than this, what a window began with is known. */
const START_MEMORY = '1h';

export interface RecordingRule {
  record: string;
  expr: string;
}

/** Record of how many times too fast the allowance of a promise is used up, over one window. */
export function burnRecord(windowSeconds: number): string {
  return `promise:runbeat_promise_burn:ratio${duration(windowSeconds)}`;
}

/**
 * How much promises to a share of the runs have used of their allowance: multi-window, multi-burn-rate (SRE workbook,
 * chapter 5). A long window shows that the problem matters, a short one that it is still going on. A window counts only for
 * promises whose DAG runs often enough to be seen in it; a window without runs has no burn rate (0/0 is dropped).
 *
 * What a counter has gained in a window is its value now minus its value at the window's start, which is recorded too.
 * `increase` over thirty days would read a hundred thousand samples of each promise every time, and extrapolate.
 */
export function burnRules(thresholds: Thresholds): RecordingRule[] {
  const { flow_burn } = thresholds;
  const memory = promiseMemory(thresholds);
  const windows = [...new Set(flow_burn.flatMap(({ long_seconds, short_seconds }) => [long_seconds, short_seconds]))];
  const runs = METRICS.promiseRuns.name;
  const total = (selector: string): string =>
    `max ${BY} (sum by (source, dag_id, promise, job, instance) (${selector}))`;
  return [
    { record: RECORDS.promiseRuns, expr: total(runs) },
    { record: RECORDS.promiseBroken, expr: total(`${runs}{verdict="broken"}`) },
    { record: RECORDS.promiseBudget, expr: `1 - (max ${BY} (${remembered(METRICS.promiseShare.name, memory)}) < 1)` },
    ...windows
      .sort((a, b) => a - b)
      .flatMap((seconds) => [
        atStart(RECORDS.promiseRuns, seconds, memory),
        atStart(RECORDS.promiseBroken, seconds, memory),
        burnOver(seconds, memory),
      ]),
    {
      record: RECORDS.promiseBurn,
      expr: flow_burn.map((window) => isBurning(window, memory)).join(' or '),
    },
  ];
}

/** Name of the record of a total as it stood at the start of a window. */
function startRecord(total: string, windowSeconds: number): string {
  return total.replace(':total', `:before${duration(windowSeconds)}`);
}

/** Where nothing was recorded then, as before the first sample or while Prometheus was away, the last known start stays. */
function atStart(total: string, seconds: number, memory: number): RecordingRule {
  const record = startRecord(total, seconds);
  const now = remembered(total, memory);
  const start = `${total} offset ${duration(seconds)} or last_over_time(${record}[${START_MEMORY}]) or ${now}`;
  return { record, expr: `(${start}) and ${now}` };
}

/** A counter that stands lower than at the start has begun again at 0. */
function gained(total: string, seconds: number, memory: number): string {
  const now = remembered(total, memory);
  return `(${now} - ${startRecord(total, seconds)} >= 0 or ${now})`;
}

function burnOver(seconds: number, memory: number): RecordingRule {
  const broken = gained(RECORDS.promiseBroken, seconds, memory);
  const runs = gained(RECORDS.promiseRuns, seconds, memory);
  return { record: burnRecord(seconds), expr: `${broken} / (${runs} > 0) / ${RECORDS.promiseBudget}` };
}

function isBurning(window: BurnWindow, memory: number): string {
  const { long_seconds, short_seconds, factor, min_broken, longest_period, shortest_period } = window;
  const line = factor > 1 ? `clamp(${MOST_BROKEN} / ${RECORDS.promiseBudget}, 1, ${factor})` : String(factor);
  const period = `max ${BY} (${remembered(METRICS.promisePeriod.name, memory)})`;
  const conditions = [
    `${burnRecord(long_seconds)} > ${line}`,
    `${burnRecord(short_seconds)} > ${line}`,
    `${gained(RECORDS.promiseBroken, long_seconds, memory)} >= ${min_broken}`,
    ...(longest_period === undefined ? [] : [`${period} <= ${longest_period}`]),
    ...(shortest_period === undefined ? [] : [`${period} > ${shortest_period}`]),
  ];
  return `(${conditions.join(' and ')})`;
}
