import { useCallback, useMemo, useState } from 'react';
import type { GanttModel } from './model.ts';
import { keepInside, MIN_SPAN_MS, momentAt, pan, wholeWindow, zoom, type TimeWindow } from './timeWindow.ts';

export interface ZoomControl {
  window: TimeWindow;
  zoomed: boolean;
  /** Below 1 zooms in; `fraction` (0 to 1) is the place in the chart that keeps its position. */
  zoomAt: (factor: number, fraction: number) => void;
  /** Moves by a fraction of the shown range; positive is later. */
  panBy: (fraction: number) => void;
  /** Shows the range between two places of the chart (fractions, in any order). */
  zoomTo: (a: number, b: number) => void;
  /** Shows a time range with a small margin. */
  showMoments: (from: number, to: number) => void;
  reset: () => void;
}

/** The time range that is shown. Until the user zooms it is the whole run, and grows with it. */
export function useTimeWindow(model: GanttModel, now: number): ZoomControl {
  const [chosen, setChosen] = useState<TimeWindow | null>(null);
  const whole = useMemo(() => wholeWindow(model, now), [model, now]);
  const window = useMemo(() => (chosen ? keepInside(chosen, whole) : whole), [chosen, whole]);
  const change = useCallback(
    (next: (from: TimeWindow) => TimeWindow) => {
      setChosen((before) => {
        const after = next(before ? keepInside(before, whole) : whole);
        return after.to - after.from >= whole.to - whole.from ? null : after;
      });
    },
    [whole],
  );
  const zoomAt = useCallback(
    (factor: number, fraction: number) => change((from) => zoom(from, factor, momentAt(from, fraction), whole)),
    [change, whole],
  );
  const panBy = useCallback((fraction: number) => change((from) => pan(from, fraction, whole)), [change, whole]);
  const show = useCallback((target: TimeWindow) => change(() => zoom(target, 1, target.from, whole)), [change, whole]);
  const showMoments = useCallback(
    (from: number, to: number) => {
      const air = Math.max((to - from) * 0.15, MIN_SPAN_MS);
      show({ from: from - air, to: to + air });
    },
    [show],
  );
  const zoomTo = useCallback(
    (a: number, b: number) => show({ from: momentAt(window, Math.min(a, b)), to: momentAt(window, Math.max(a, b)) }),
    [show, window],
  );
  const reset = useCallback(() => setChosen(null), []);
  return { window, zoomed: chosen !== null, zoomAt, panBy, zoomTo, showMoments, reset };
}
