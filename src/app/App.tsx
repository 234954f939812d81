import type { AppRootProps } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { LoadingPlaceholder } from '@grafana/ui';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { Navigate, Route, Routes, useLocation } from 'react-router-dom';
import { ExporterApi } from '../data/exporterApi.ts';
import { AppContext, type AppContextValue } from './AppContext.tsx';
import { LoadingStatus } from './LoadingStatus.tsx';
import { NoRunsSource } from './NoRunsSource.tsx';
import { PageBoundary } from './PageBoundary.tsx';
import { createQueryClient } from './queryClient.ts';
import { findPrometheusUid } from './prometheusSource.ts';
import { findRunsSource } from './runsSource.ts';
import { completeSettings, type AppSettings } from './settings.ts';

const LookupPage = lazy(() => import('../pages/lookup/LookupPage.tsx').then((m) => ({ default: m.LookupPage })));
const JourneyPage = lazy(() => import('../pages/journey/JourneyPage.tsx').then((m) => ({ default: m.JourneyPage })));
const RunPage = lazy(() => import('../pages/run/RunPage.tsx').then((m) => ({ default: m.RunPage })));
const HealthPage = lazy(() => import('../pages/health/HealthPage.tsx').then((m) => ({ default: m.HealthPage })));
const FlowsPage = lazy(() => import('../pages/flows/FlowsPage.tsx').then((m) => ({ default: m.FlowsPage })));
const PromisesPage = lazy(() =>
  import('../pages/promises/PromisesPage.tsx').then((m) => ({ default: m.PromisesPage })),
);

/** The app below `/a/runbeat-observability-app`. */
export function App({ meta }: AppRootProps<AppSettings>) {
  const [queryClient] = useState(createQueryClient);
  const context = useMemo(() => createContextValue(meta.jsonData), [meta.jsonData]);
  if (!context) return <NoRunsSource />;
  return (
    <QueryClientProvider client={queryClient}>
      <AppContext.Provider value={context}>
        <LoadingStatus />
        <PageBoundary>
          <Suspense fallback={<PageLoading />}>
            <Routes>
              <Route path="lookup" element={<LookupPage />} />
              <Route path="journey" element={<JourneyPage />} />
              <Route path="run" element={<RunPage />} />
              <Route path="health" element={<HealthPage />} />
              <Route path="flows" element={<FlowsPage />} />
              <Route path="promises" element={<PromisesPage />} />
              <Route path="*" element={<ToLookup />} />
            </Routes>
          </Suspense>
        </PageBoundary>
      </AppContext.Provider>
    </QueryClientProvider>
  );
}

function createContextValue(jsonData: AppSettings | undefined): AppContextValue | null {
  const chosen = completeSettings(jsonData);
  const settings = { ...chosen, prometheusUid: findPrometheusUid(chosen.prometheusUid) };
  const source = findRunsSource(settings.runsUid);
  return source?.url ? { settings, api: new ExporterApi(source.url), runsUid: source.uid } : null;
}

function PageLoading() {
  return (
    <PluginPage>
      <LoadingPlaceholder text="Loading…" />
    </PluginPage>
  );
}

/** Redirects unknown paths (of older versions, or mistyped) to the lookup, and keeps the query. */
function ToLookup() {
  const { search } = useLocation();
  return <Navigate to={{ pathname: 'lookup', search }} replace />;
}
