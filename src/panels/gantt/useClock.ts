import { useEffect, useState } from 'react';

/**
 * Epoch milliseconds by the clock that wrote the stamps: the caller's `now`, else `answeredAt` and what has passed since,
 * once a second while something lasts. The browser's own clock stands in where the answer does not say.
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
