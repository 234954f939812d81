const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** A duration in Prometheus's format: 90 → "1m30s", 0.5 → "500ms". Rounded to milliseconds. */
export function duration(seconds: number): string {
  let rest = Math.round(seconds * 1_000);
  if (rest === 0) return '0s';
  let text = '';
  for (const [unit, size] of UNITS) {
    const amount = Math.floor(rest / size);
    if (amount > 0) text += `${amount}${unit}`;
    rest %= size;
  }
  return text;
}

/**
 * Regular expression for the `le` label of a histogram bucket. Prometheus 3 writes whole bounds with a fraction
 * ("180.0", see its migration guide), Prometheus 2 as the exporter did.
 */
export function bucketLabel(bound: number): string {
  return Number.isInteger(bound) ? `${bound}(\\\\.0)?` : String(bound).replace('.', '\\\\.');
}
