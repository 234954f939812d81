/** Number of lines to render at once. A log may have a hundred thousand, and its end is the most useful part. */
export const LINES_OF_A_PAGE = 1_000;

export interface ShownLines {
  /** Lines in their original order. */
  lines: string[];
  /** Number of earlier lines that are not shown yet. */
  earlier: number;
  /** Number of matching lines; of all lines if there is no search. */
  found: number;
}

/** The last lines of a log that contain a text, ignoring case. */
export function shownLines(log: string, wanted: string, limit: number): ShownLines {
  const all = log.replace(/\n$/, '').split('\n');
  const needle = wanted.trim().toLowerCase();
  const found = needle === '' ? all : all.filter((line) => line.toLowerCase().includes(needle));
  return {
    lines: limit === 0 ? [] : found.slice(-limit),
    earlier: Math.max(0, found.length - limit),
    found: found.length,
  };
}
