import { LoadingPlaceholder } from '@grafana/ui';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApp } from '../app/AppContext.tsx';
import type { ExporterFailure } from '../data/failure.ts';
import { FailureNotice } from './FailureNotice.tsx';

interface Props<Data> {
  query: UseQueryResult<Data, ExporterFailure>;
  children: (data: Data) => ReactNode;
}

/** Renders the state of a query: loading, failed (above the last answer), or the answer. */
export function Answer<Data>({ query, children }: Props<Data>) {
  const { runsUid } = useApp();
  const { data, error, refetch } = query;
  return (
    <>
      {error && (
        <FailureNotice failure={error} runsUid={runsUid} onRetry={() => void refetch()} stale={data !== undefined} />
      )}
      {data === undefined ? !error && <LoadingPlaceholder text="Loading…" /> : children(data)}
    </>
  );
}
