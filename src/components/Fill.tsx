import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';

const MIN_HEIGHT = 360;
const PAGE_PADDING = 32;

export interface Size {
  width: number;
  height: number;
}

/** Gives its child the width of the page and the remaining height of the window, but at least a usable one. */
export function Fill({ children }: { children: (size: Size) => ReactNode }) {
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size | null>(null);
  useLayoutEffect(() => {
    const element = frame.current!;
    const measure = () => {
      const { width, top } = element.getBoundingClientRect();
      const below = window.innerHeight - top - window.scrollY - PAGE_PADDING;
      const next = { width: Math.floor(width), height: Math.max(MIN_HEIGHT, Math.floor(below)) };
      setSize((last) => (last?.width === next.width && last.height === next.height ? last : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    window.addEventListener('resize', measure);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', measure);
    };
  }, []);
  return (
    <div ref={frame} style={{ width: '100%', minHeight: MIN_HEIGHT }}>
      {size && size.width > 0 && children(size)}
    </div>
  );
}
