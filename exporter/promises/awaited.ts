import type { RunRow } from '../sources/rows.ts';

/**
 * Whether someone waits for this run. No one does for backfills, which make up for past days, nor for runs that a person
 * cleared to run again: their stamps tell of the second time.
 */
export function isAwaited(run: Pick<RunRow, 'run_type' | 'clear_number'>): boolean {
  return !isBackfill(run) && run.clear_number === 0;
}

export function isBackfill(run: Pick<RunRow, 'run_type'>): boolean {
  return run.run_type.startsWith('backfill');
}
