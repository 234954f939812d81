import { LoadingPlaceholder } from '@grafana/ui';
import { Navigate, useLocation } from 'react-router-dom';
import { useApp } from '../../app/AppContext.tsx';
import { useExporter } from '../../app/useExporter.ts';
import { FailureNotice } from '../../components/FailureNotice.tsx';

/** A link to a run that names no source: completed where the exporter observes one source, refused where it observes several. */
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
