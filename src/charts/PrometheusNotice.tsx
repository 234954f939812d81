import { Alert, Button, Stack } from '@grafana/ui';
import type { UseQueryResult } from '@tanstack/react-query';
import type { Outcome } from './usePrometheus.ts';

interface Props {
  title: string;
  failure: Error;
  query: UseQueryResult<Outcome<unknown>>;
}

/** Says that Prometheus did not answer and why, and whether it is being asked again. */
export function PrometheusNotice({ title, failure, query: { isFetching, refetch } }: Props) {
  return (
    <Alert severity="warning" title={title}>
      <Stack direction="column" gap={1} alignItems="flex-start">
        <span>{failure.message}</span>
        <Button size="sm" variant="secondary" icon="sync" disabled={isFetching} onClick={() => void refetch()}>
          {isFetching ? 'Asking again…' : 'Try again'}
        </Button>
      </Stack>
    </Alert>
  );
}
