import type { SourceStatus } from '../../shared/api.ts';

/** The checks that fail, by name. Addresses, roles and error texts are only available with a token. */
export interface Readiness {
  ready: boolean;
  /** `index`, `source <name>: unreadable`, `source <name>: late`. */
  failed: string[];
}

export function readinessOf(
  indexAnswers: boolean,
  sources: readonly Pick<SourceStatus, 'source' | 'up' | 'lag_seconds'>[],
  lagLimitSeconds: number,
): Readiness {
  const failed = indexAnswers ? [] : ['index'];
  for (const { source, up, lag_seconds: lag } of sources) {
    if (!up) failed.push(`source ${source}: unreadable`);
    else if ((lag ?? Infinity) >= lagLimitSeconds) failed.push(`source ${source}: late`);
  }
  return { ready: failed.length === 0, failed };
}
