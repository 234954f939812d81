import { METRICS } from '../../shared/metrics.ts';
import { RECORDS } from '../../shared/records.ts';
import { duration } from '../promql/duration.ts';
import { promiseMemory, remembered } from '../promql/remembered.ts';
import type { Thresholds } from '../thresholds.ts';

type BurnWindow = Thresholds['flow_burn'][number];

const BY = 'by (source, dag_id, promise)';
/** Maximum share of broken runs that a window requires. Otherwise, a high factor could not be reached if the promised share is low. */
const MOST_BROKEN = 0.72;
/** The value at the start of a window is kept from one evaluation to the next, unless Prometheus is down for longer than this. */
const START_MEMORY = '1h';
/**
 * While no exporter shows a promise, the starts of its windows are kept for this long. Reading every sample of a day would be
 * expensive, so one in ten minutes is read.
 */
const OUTAGE_MEMORY = '1d:10m';

export interface RecordingRule {
  record: string;
  expr: string;
}

/** Record of the burn rate of a promise over one window. */
export function burnRecord(windowSeconds: number): string {
  return `promise:runbeat_promise_burn:ratio${duration(windowSeconds)}`;
}

/**
 * Records how fast promises with a share use up their allowance: multi-window, multi-burn-rate (SRE workbook, chapter 5). A long window
 * shows that the problem matters, a short one that it is still going on. A window applies only to promises whose DAG runs often enough
 * for it. A window without runs has no burn rate (0/0 is dropped).
 *
 * The increase of a counter in a window is its value now minus its value at the start of the window, which is recorded, too. `increase`
 * over thirty days would read a hundred thousand samples of each promise every time, and extrapolate.
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
    {
      record: RECORDS.promiseRecent,
      expr: `${RECORDS.promiseRuns} or last_over_time(${RECORDS.promiseRuns}[${OUTAGE_MEMORY}])`,
    },
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

/** Name of the record of a total at the start of a window. */
function startRecord(total: string, windowSeconds: number): string {
  return total.replace(':total', `:before${duration(windowSeconds)}`);
}

/** If nothing was recorded at that time, as before the first sample or during an outage, the last known start is kept. */
function atStart(total: string, seconds: number, memory: number): RecordingRule {
  const record = startRecord(total, seconds);
  const now = remembered(total, memory);
  const start = `${total} offset ${duration(seconds)} or last_over_time(${record}[${START_MEMORY}]) or ${now}`;
  return { record, expr: `(${start}) and ${RECORDS.promiseRecent}` };
}

/** If a counter is lower than at the start, it was reset to 0. */
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
