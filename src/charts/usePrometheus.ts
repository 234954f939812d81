import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useApp } from '../app/AppContext.tsx';

/** What Prometheus answered last, or why it did not. */
export type Outcome<Answer> = { answer: Answer; failure?: undefined } | { answer?: undefined; failure: Error };

/**
 * Asks the configured Prometheus. A Prometheus that hangs fails only after Grafana's timeout of 30 s, so a failure stays until the next
 * outcome: without that, it would disappear each time Prometheus is asked again.
 */
export function usePrometheus<Answer>(
  key: readonly unknown[],
  ask: (uid: string) => Promise<Answer>,
  { enabled = true, refreshMs = false }: { enabled?: boolean; refreshMs?: number | false } = {},
) {
  const { prometheusUid } = useApp().settings;
  return useQuery<Outcome<Answer>>({
    queryKey: ['prometheus', prometheusUid, ...key],
    queryFn: () =>
      ask(prometheusUid).then(
        (answer) => ({ answer }),
        (failure: Error) => ({ failure }),
      ),
    enabled,
    refetchInterval: refreshMs,
    placeholderData: keepPreviousData,
  });
}
