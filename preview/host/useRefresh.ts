import { rangeUtil } from '@grafana/data';
import { useEffect, useState } from 'react';
import { useLocation } from 'react-router';

/** Counts up at the interval that the URL's `refresh` names, as the refresh picker of a dashboard does; stays 0 without one. */
export function useRefresh(): number {
  const [count, setCount] = useState(0);
  const interval = new URLSearchParams(useLocation().search).get('refresh');
  useEffect(() => {
    if (!interval) return;
    const timer = setInterval(() => setCount((last) => last + 1), rangeUtil.intervalToMs(interval));
    return () => clearInterval(timer);
  }, [interval]);
  return count;
}
