import { duration } from '../promql/duration.ts';
import type { Thresholds } from '../thresholds.ts';
import { RECORDS } from '../../shared/records.ts';

/** Record of how many times too fast the allowance of slow runs is used up, over one window. */
export function burnRecord(windowSeconds: number): string {
  return `dag:runbeat_flow_burn:ratio${duration(windowSeconds)}`;
}

export interface RecordingRule {
  record: string;
  expr: string;
}

/** One record for each window that an alert compares; a window without runs has no burn rate (0/0 is dropped). */
export function burnRules({ flow_burn, flow_objective }: Thresholds): RecordingRule[] {
  const windows = new Set(flow_burn.flatMap(({ long_seconds, short_seconds }) => [long_seconds, short_seconds]));
  const budget = Number((1 - flow_objective).toFixed(6));
  return [...windows]
    .sort((a, b) => a - b)
    .map((seconds) => {
      const window = duration(seconds);
      const share = `increase(${RECORDS.runsSlow}[${window}]) / (increase(${RECORDS.runs}[${window}]) > 0)`;
      return { record: burnRecord(seconds), expr: `${share} / ${budget}` };
    });
}
