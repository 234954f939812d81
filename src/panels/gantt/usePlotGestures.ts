import { useEffect, useRef, useState, type PointerEvent, type RefObject } from 'react';
import type { ZoomControl } from './useTimeWindow.ts';

/** A shorter movement is a click, not a drag. */
const DRAG_PX = 4;

/** The part of the plot that is being marked, as fractions of its width. */
export interface Brush {
  from: number;
  to: number;
}

interface Gestures {
  brush: Brush | null;
  onPointerDown: (event: PointerEvent<HTMLElement>) => void;
  onPointerMove: (event: PointerEvent<HTMLElement>) => void;
  onPointerUp: (event: PointerEvent<HTMLElement>) => void;
  onPointerCancel: () => void;
}

/**
 * Mouse on the plot: a drag marks the range to zoom to, a drag with shift moves, the wheel with ctrl (or a pinch) zooms, a
 * sideways wheel moves, and a plain wheel scrolls the rows as usual.
 */
export function usePlotGestures(
  plot: RefObject<HTMLElement | null>,
  zoom: ZoomControl,
  onClick: (clientY: number) => void,
): Gestures {
  const [brush, setBrush] = useState<Brush | null>(null);
  const grip = useRef<{ x: number; last: number; moves: boolean } | null>(null);
  useWheelZoom(plot, zoom);
  const fractionOf = (clientX: number) => {
    const box = plot.current?.getBoundingClientRect();
    return box && box.width > 0 ? Math.min(1, Math.max(0, (clientX - box.left) / box.width)) : 0;
  };
  return {
    brush,
    onPointerDown: (event) => {
      if (event.button !== 0 || event.pointerType === 'touch') return;
      event.currentTarget.setPointerCapture(event.pointerId);
      grip.current = { x: event.clientX, last: event.clientX, moves: event.shiftKey };
    },
    onPointerMove: (event) => {
      const held = grip.current;
      if (!held) return;
      if (held.moves) {
        zoom.panBy((held.last - event.clientX) / event.currentTarget.clientWidth);
        held.last = event.clientX;
      } else if (Math.abs(event.clientX - held.x) > DRAG_PX) {
        setBrush({ from: fractionOf(held.x), to: fractionOf(event.clientX) });
      }
    },
    onPointerUp: (event) => {
      const held = grip.current;
      grip.current = null;
      if (brush) zoom.zoomTo(brush.from, brush.to);
      else if (event.pointerType === 'touch' || (held && !held.moves)) onClick(event.clientY);
      setBrush(null);
    },
    onPointerCancel: () => {
      grip.current = null;
      setBrush(null);
    },
  };
}

/** React's own wheel listener is passive and cannot keep the page from zooming. */
function useWheelZoom(plot: RefObject<HTMLElement | null>, zoom: ZoomControl): void {
  const { zoomAt, panBy } = zoom;
  useEffect(() => {
    const element = plot.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      const box = element.getBoundingClientRect();
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        zoomAt(Math.exp(event.deltaY * 0.002), (event.clientX - box.left) / box.width);
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        panBy((event.deltaX || event.deltaY) / box.width);
      }
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [plot, zoomAt, panBy]);
}
