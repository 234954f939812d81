import { startTransition, useEffect, useState } from 'react';

/** True from a frame after `wanted` on: controls that cost more to draw than what one waits for come behind it. */
export function useAfterPaint(wanted = true): boolean {
  const [painted, setPainted] = useState(false);
  useEffect(() => {
    if (!wanted) return;
    const frame = requestAnimationFrame(() => startTransition(() => setPainted(true)));
    return () => cancelAnimationFrame(frame);
  }, [wanted]);
  return painted;
}
