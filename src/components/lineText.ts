import { formatSeconds } from '../data/duration.ts';

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** A limit as text, in the largest unit in which it is a whole number: `3 min`, not `3 min 00 s`. */
export function lineText(seconds: number): string {
  const whole = UNITS.find(([, length]) => seconds >= length && seconds % length === 0);
  return whole ? `${seconds / whole[1]} ${whole[0]}` : formatSeconds(seconds);
}
