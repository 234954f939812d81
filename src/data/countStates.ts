import type { TaskInstanceState } from '../../shared/states.ts';
import { stateLook, STATES_BY_URGENCY } from './stateLook.ts';

/** Number of items in each state, the most urgent first. */
export function countStates(items: readonly { state: TaskInstanceState }[]): [label: string, count: number][] {
  const counts = new Map<string | null, number>();
  for (const { state } of items) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => rank(a) - rank(b)).map(([state, count]) => [stateLook(state).label, count]);
}

/** The same as text: `1 failed, 41 success`. */
export function statesInWords(items: readonly { state: TaskInstanceState }[]): string {
  return countStates(items)
    .map(([label, count]) => `${count.toLocaleString('en')} ${label}`)
    .join(', ');
}

function rank(state: string | null): number {
  const at = state === null ? -1 : STATES_BY_URGENCY.indexOf(state);
  return at < 0 ? STATES_BY_URGENCY.length : at;
}
