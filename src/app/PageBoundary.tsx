import { PluginPage } from '@grafana/runtime';
import { ErrorBoundary } from '@grafana/ui';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useLocation } from 'react-router-dom';
import { FailureNotice } from '../components/FailureNotice.tsx';
import { unreadable } from '../data/failure.ts';
import { useApp } from './AppContext.tsx';

/** If a page can't render a response, shows the error instead of a blank page. Another page or a retry starts afresh. */
export function PageBoundary({ children }: { children: ReactNode }) {
  const { runsUid } = useApp();
  const { pathname, search } = useLocation();
  const client = useQueryClient();
  const [attempt, setAttempt] = useState(0);
  const retry = () => {
    client.clear();
    setAttempt(attempt + 1);
  };
  return (
    <ErrorBoundary boundaryName="runbeat-page" dependencies={[pathname, search, attempt]}>
      {({ error }) =>
        error ? (
          <PluginPage>
            <FailureNotice failure={unreadable(error)} runsUid={runsUid} onRetry={retry} />
          </PluginPage>
        ) : (
          children
        )
      }
    </ErrorBoundary>
  );
}
