/** Lines that are drawn at once: a log may have a hundred thousand, and its end tells most. */
export const LINES_OF_A_PAGE = 1_000;

export interface ShownLines {
  /** In their order. */
  lines: string[];
  /** Lines before these that are not drawn yet. */
  earlier: number;
  /** Lines that match; all of them without a search. */
  found: number;
}

/** The last lines of a log that hold a text, without regard to case. */
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
