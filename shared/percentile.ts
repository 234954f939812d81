/** The smallest of the values that at least `share` of them do not exceed (nearest rank); null for no values. */
export function percentile(values: readonly number[], share: number): number | null {
  return percentileOfSorted(
    [...values].sort((a, b) => a - b),
    share,
  );
}

/** The same for values in ascending order. */
export function percentileOfSorted(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
