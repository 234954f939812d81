import './publicPath.ts';
import { AppPlugin, type AppPluginMeta, type AppRootProps, type PluginConfigPageProps } from '@grafana/data';
import { LoadingPlaceholder } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import type { AppSettings } from './app/settings.ts';
import { addLinks } from './extensions/addLinks.ts';

const App = lazy(() => import('./app/App.tsx').then((m) => ({ default: m.App })));
const ConfigPage = lazy(() => import('./pages/config/ConfigPage.tsx').then((m) => ({ default: m.ConfigPage })));

function Root(props: AppRootProps<AppSettings>) {
  return (
    <Suspense fallback={<LoadingPlaceholder text="Loading Runbeat…" />}>
      <App {...props} />
    </Suspense>
  );
}

function Configuration(props: PluginConfigPageProps<AppPluginMeta<AppSettings>>) {
  return (
    <Suspense fallback={<LoadingPlaceholder text="Loading the configuration…" />}>
      <ConfigPage {...props} />
    </Suspense>
  );
}

export const plugin = addLinks(
  new AppPlugin<AppSettings>()
    .setRootPage(Root)
    .addConfigPage({ title: 'Configuration', icon: 'cog', id: 'configuration', body: Configuration }),
);
