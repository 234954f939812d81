import { formatSeconds } from '../data/duration.ts';

/** A promised line in words: `3 min`, not `3 min 00 s`. */
export function lineText(seconds: number): string {
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60} min` : formatSeconds(seconds);
}
