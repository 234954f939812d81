/** The drawn rows change in steps of this size, so that scrolling does not repaint at each pixel. */
const STEP = 10;

export interface Slice {
  first: number;
  count: number;
}

/** The rows to draw: those on the screen and one step on either side. */
export function sliceAt(scrollTop: number, height: number, rowHeight: number, total: number): Slice {
  const top = Math.floor(scrollTop / rowHeight / STEP) * STEP;
  const first = Math.max(0, Math.min(top - STEP, total - 1));
  const last = Math.min(total, top + Math.ceil(height / rowHeight) + 2 * STEP);
  return { first, count: Math.max(0, last - first) };
}
