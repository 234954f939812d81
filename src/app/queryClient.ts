import { QueryClient } from '@tanstack/react-query';
import { ExporterFailure, type FailureKind } from '../data/failure.ts';

/**
 * Asking again at once may help; for the others a person has to act first. Not for what took too long: another half a
 * minute of waiting would not help, and the same query again burdens a database that is slow already.
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
