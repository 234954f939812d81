import type { PromisePage, PromiseStatus } from '../../shared/api.ts';
import { useExporter } from './useExporter.ts';

const REFRESH_MS = 10_000;

/** All promises with their present status, and the status of their file. */
export function usePromises() {
  return useExporter<PromisePage>(['promises'], (api, signal) => api.promises(signal), { refreshMs: REFRESH_MS });
}

/** The `ends_within` promise of a DAG with the shortest limit. Undefined if it has none. */
export function endPromise(
  promises: readonly PromiseStatus[] | undefined,
  dag: { source?: string; dagId: string },
): PromiseStatus | undefined {
  return promises
    ?.filter(({ kind, source, dag_id, limit_seconds }) => {
      const isOf = dag_id === dag.dagId && (dag.source === undefined || source === dag.source);
      return kind === 'ends_within' && isOf && limit_seconds !== null;
    })
    .sort((a, b) => a.limit_seconds! - b.limit_seconds!)[0];
}
