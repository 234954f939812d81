import type { Gap } from '../index/rows.ts';

/** Maximum number of gaps to remember. The sweep finds ids of older gaps. */
const MAX_GAPS = 2_000;

/** Ranges of ids between `after` and the last of `ids` (ascending) that `ids` does not contain. */
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
 * Gaps that are still open. Ids that were found are removed. A gap is closed once every transaction that could hold one of its
 * ids had ended (`xmin`) when the snapshot was taken in which the ids were looked for.
 */
export function remainingGaps(gaps: readonly Gap[], found: readonly number[], xmin: number): Gap[] {
  const open = gaps.filter((gap) => gap.xmax > xmin);
  return open.flatMap((gap) => without(gap, found)).slice(-MAX_GAPS);
}

function without(gap: Gap, found: readonly number[]): Gap[] {
  const inside = found.filter((id) => id >= gap.from && id <= gap.to).sort((a, b) => a - b);
  return missingBetween(gap.from - 1, [...inside, gap.to + 1], gap.xmax);
}
