import type { JourneyPage, JourneyRun } from '../../shared/journeys.ts';
import { epochOf } from './upstreamEnds.ts';

/** The runs of a journey with their ancestors and descendants, in the order in which they started. Queued runs come last. */
export function journeyRuns({ items, ancestors, descendants }: JourneyPage): JourneyRun[] {
  return [...ancestors, ...items, ...descendants].sort((a, b) => startOf(a) - startOf(b) || 0);
}

function startOf({ start_date, state, queued_at }: JourneyRun): number {
  return state === 'queued' ? Infinity : (epochOf(start_date ?? queued_at) ?? Infinity);
}
