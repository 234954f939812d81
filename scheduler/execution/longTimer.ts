import { MAX_TIMER_MS } from '../../platform/time/pause.ts';

export interface LongTimer {
  cancel(): void;
}

/** setTimeout without an upper limit. */
export function after(milliseconds: number, run: () => void): LongTimer {
  const due = performance.now() + milliseconds;
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const left = due - performance.now();
    timer = setTimeout(left > MAX_TIMER_MS ? wait : run, Math.min(Math.max(left, 0), MAX_TIMER_MS));
  };
  wait();
  return { cancel: () => clearTimeout(timer) };
}
