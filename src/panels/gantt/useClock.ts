import { useEffect, useState } from 'react';

/** Epoch milliseconds: the caller's `now`, else the own clock, which ticks once a second while something lasts. */
export function useClock(now: number | undefined, live: boolean): number {
  const [own, setOwn] = useState(() => Date.now());
  const ticking = live && now === undefined;
  useEffect(() => {
    if (!ticking) return;
    const timer = setInterval(() => setOwn(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [ticking]);
  return now ?? own;
}
