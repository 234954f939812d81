import { useLayoutEffect, useState, type RefObject } from 'react';

export interface Size {
  width: number;
  height: number;
}

/**
 * Inner size of an element (without scrollbars) in CSS pixels, kept up to date; `fallback` if it has none. Null until
 * it is measured, which happens before the first paint. Elements that open at a size must not open at a guessed one.
 */
export function useMeasuredSize(element: RefObject<HTMLElement | null>, fallback: Size): Size | null {
  const [size, setSize] = useState<Size | 'none' | null>(null);
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = target;
      setSize((before) => {
        if (width === 0 || height === 0) return before ?? 'none';
        if (before && before !== 'none' && before.width === width && before.height === height) return before;
        return { width, height };
      });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return size === 'none' ? fallback : size;
}
