import type { Others } from '../flow/waiting/explain.ts';
import type { SourceFacts } from './facts.ts';

/** The live schedulers, lanes and triggerers. */
export type Alive = Omit<Others, 'previous'>;

export function aliveOf({ lives, components }: Readonly<SourceFacts>, hasLanes: boolean): Alive {
  const alive = lives.filter((life) => life.alive);
  const triggerers = components?.filter((life) => life.component === 'triggerer' && life.alive);
  return {
    schedulersAlive: alive.length,
    lanesAlive: hasLanes ? new Set(alive.flatMap((life) => (life.lane === null ? [] : [life.lane]))) : null,
    triggerersAlive: triggerers?.length ?? null,
  };
}
