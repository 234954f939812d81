import type { RunRow } from '../sources/rows.ts';

/**
 * Whether someone waits for this run. No one waits for backfills, which are for past days. Cleared runs are excluded, too,
 * because their timestamps are those of the second time.
 */
export function isAwaited(run: Pick<RunRow, 'run_type' | 'clear_number'>): boolean {
  return !isBackfill(run) && run.clear_number === 0;
}

export function isBackfill(run: Pick<RunRow, 'run_type'>): boolean {
  return run.run_type.startsWith('backfill');
}
