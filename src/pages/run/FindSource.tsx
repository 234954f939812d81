import { LoadingPlaceholder } from '@grafana/ui';
import { Navigate, useLocation } from 'react-router-dom';
import { useApp } from '../../app/AppContext.tsx';
import { useExporter } from '../../app/useExporter.ts';
import { FailureNotice } from '../../components/FailureNotice.tsx';

/** Handles a link to a run without a source. It adds the source if the exporter observes only one, and otherwise shows an error. */
export function FindSource() {
  const { runsUid } = useApp();
  const { search } = useLocation();
  const { data, error, refetch } = useExporter(['only source'], (api, signal) => api.onlySource(signal));
  if (error) return <FailureNotice failure={error} runsUid={runsUid} onRetry={() => void refetch()} />;
  if (!data) return <LoadingPlaceholder text="Loading the run…" />;
  const params = new URLSearchParams(search);
  params.set('source', data);
  return <Navigate to={{ search: params.toString() }} replace />;
}
