import { QueryClient } from '@tanstack/react-query';
import { ExporterFailure, type FailureKind } from '../data/failure.ts';

/**
 * Failures for which an immediate retry may help. For the others, a person has to act first. Timeouts are not retried: the same query
 * would burden a database that is already slow.
 */
const PASSING: readonly FailureKind[] = ['broken'];

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (count, error) => count < 1 && error instanceof ExporterFailure && PASSING.includes(error.kind),
        retryDelay: 500,
        staleTime: 1_000,
        refetchOnWindowFocus: true,
        networkMode: 'always',
      },
    },
  });
}
