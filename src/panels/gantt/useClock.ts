import { useEffect, useState } from 'react';

/**
 * Epoch milliseconds by the clock that wrote the timestamps: the caller's `now`, else `answeredAt` plus the time since then,
 * updated every second while something is unfinished. Falls back to the browser's clock if the answer has no time.
 */
export function useClock(now: number | undefined, answeredAt: number | null, live: boolean): number {
  const [own, setOwn] = useState(() => answeredAt ?? Date.now());
  const ticking = live && now === undefined;
  useEffect(() => {
    if (!ticking) return;
    const [start, read] = [answeredAt ?? Date.now(), performance.now()];
    const timer = setInterval(() => setOwn(start + performance.now() - read), 1000);
    return () => clearInterval(timer);
  }, [ticking, answeredAt]);
  return now ?? Math.max(own, answeredAt ?? own);
}
