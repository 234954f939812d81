import type { Gap } from '../index/rows.ts';

/** The maximum number of gaps that are remembered; the sweep finds ids that commit later. */
const MAX_GAPS = 2_000;

/** Ranges of ids between `after` and the newest of `ids` (ascending) that are not among them. */
export function missingBetween(after: number, ids: readonly number[], xmax: number): Gap[] {
  const gaps: Gap[] = [];
  let previous = after;
  for (const id of ids) {
    if (id > previous + 1) gaps.push({ from: previous + 1, to: id - 1, xmax });
    previous = id;
  }
  return gaps;
}

/**
 * Gaps that are still open: without the ids found in them, and without those that are settled, because every transaction
 * that could have held one of their ids was over in a snapshot (its `xmin`) in which they have been looked for.
 */
export function remainingGaps(gaps: readonly Gap[], found: readonly number[], xmin: number): Gap[] {
  const open = gaps.filter((gap) => gap.xmax > xmin);
  return open.flatMap((gap) => without(gap, found)).slice(-MAX_GAPS);
}

function without(gap: Gap, found: readonly number[]): Gap[] {
  const inside = found.filter((id) => id >= gap.from && id <= gap.to).sort((a, b) => a - b);
  return missingBetween(gap.from - 1, [...inside, gap.to + 1], gap.xmax);
}
