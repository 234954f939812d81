import './publicPath.ts';
import { AppPlugin, type AppRootProps } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import type { AppSettings } from './app/settings.ts';

const App = lazy(() => import('./app/App.tsx').then((m) => ({ default: m.App })));

function Root(props: AppRootProps<AppSettings>) {
  return (
    <Suspense fallback={<LoadingPlaceholder text="Loading Runbeat…" />}>
      <App {...props} />
    </Suspense>
  );
}

export const plugin = new AppPlugin<AppSettings>().setRootPage(Root);
