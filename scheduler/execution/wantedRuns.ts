import { stringifyJson } from '../../platform/json.ts';
import { runIdProblem } from '../core/runIds.ts';
import { confProblem, timeOf, timeProblem } from '../core/storable.ts';
import type { WantedRun } from './messages.ts';

/** Maximum number of runs that one try may start. */
const MOST_RUNS = 10_000;

/**
 * The runs that a trigger's function returned, one or several. A value without `conf` and `runId` means none. Throws an Error that
 * names values that can't be stored.
 */
export function wantedRuns(value: unknown): WantedRun[] {
  const items = (Array.isArray(value) ? value : [value]).filter(isRun);
  if (items.length > MOST_RUNS) throw new Error(`it returned ${items.length} runs; one try may start ${MOST_RUNS}`);
  return items.map((item, at) => {
    const { runId = null, conf = {}, logicalDate = null } = item;
    const name = items.length === 1 ? 'the run' : `run number ${at + 1}`;
    const refuse = (problem: string | null, field = ''): void => {
      if (problem !== null) throw new Error(`${name} can't be started: ${field}${problem}`);
    };
    if (runId !== null) refuse(typeof runId === 'string' ? runIdProblem(runId) : 'must be text', 'runId: ');
    refuse(confProblem(conf));
    const date = logicalDate === null ? null : dateOf(logicalDate);
    if (date !== null) refuse(timeProblem(date), 'logicalDate: ');
    return { runId: runId as string | null, conf: stringifyJson(conf), logicalDate: date?.toISOString() ?? null };
  });
}

function isRun(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && ('conf' in value || 'runId' in value);
}

function dateOf(value: unknown): Date {
  return value instanceof Date ? value : timeOf(typeof value === 'string' ? value : '');
}
