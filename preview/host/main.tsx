import { EventBusSrv, getDefaultTimeRange, locationUtil, ThemeContext, type GrafanaConfig } from '@grafana/data';
import {
  config,
  locationService,
  setAppEvents,
  setBackendSrv,
  setDataSourceSrv,
  setEchoSrv,
  setLocationSrv,
  setTemplateSrv,
} from '@grafana/runtime';
import { ErrorBoundaryAlert, GlobalStyles, ModalRoot, ModalsProvider, PortalContainer } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { Navigate, Route, Routes } from 'react-router';
import { AlertsPage } from './AlertsPage.tsx';
import { AppConfigPage, AppPage } from './AppPage.tsx';
import { PreviewBackendSrv } from './backendSrv.ts';
import { boot } from './boot.ts';
import { Chrome } from './Chrome.tsx';
import { DashboardPage } from './dashboard/DashboardPage.tsx';
import { fillTransformers } from './dashboard/panelData.ts';
import { DataSourcePage } from './DataSourcePage.tsx';
import { PreviewDataSourceSrv } from './dataSources.ts';
import { ExplorePage } from './ExplorePage.tsx';
import { shareDependencies } from './loader.ts';
import { PanelsPage } from './PanelsPage.tsx';
import { fillRegistries } from './registries.ts';
import { HistoryRouter, interceptLinks } from './Router.tsx';
import { PreviewTemplateSrv } from './templateSrv.ts';

const APP_ID = boot.plugins.find((plugin) => plugin.json.type === 'app')!.json.id;

function startServices(): void {
  setAppEvents(new EventBusSrv());
  setBackendSrv(new PreviewBackendSrv());
  setLocationSrv(locationService);
  locationUtil.initialize({
    config: config as unknown as GrafanaConfig,
    getTimeRangeForUrl: () => getDefaultTimeRange().raw,
    getVariablesUrlParams: () => ({}),
  });
  setTemplateSrv(new PreviewTemplateSrv());
  setDataSourceSrv(new PreviewDataSourceSrv());
  setEchoSrv({ addEvent: () => {}, addBackend: () => {}, flush: () => {}, onInteraction: () => () => {} });
}

function Host() {
  return (
    <ThemeContext.Provider value={config.theme2}>
      <GlobalStyles />
      <HistoryRouter>
        <ModalsProvider>
          <Chrome>
            <ErrorBoundaryAlert>
              <Routes>
                <Route path={`/a/${APP_ID}/*`} element={<AppPage />} />
                <Route path={`/plugins/${APP_ID}`} element={<AppConfigPage />} />
                <Route path="/d/preview" element={<PanelsPage />} />
                <Route path="/d/:uid" element={<DashboardPage />} />
                <Route path="/explore" element={<ExplorePage />} />
                <Route path="/alerting/list" element={<AlertsPage />} />
                <Route path="/connections/datasources/edit/*" element={<DataSourcePage />} />
                <Route path="*" element={<Navigate to={`/a/${APP_ID}/lookup`} replace />} />
              </Routes>
            </ErrorBoundaryAlert>
          </Chrome>
          <ModalRoot />
          <PortalContainer />
        </ModalsProvider>
      </HistoryRouter>
    </ThemeContext.Provider>
  );
}

shareDependencies();
fillRegistries();
fillTransformers();
startServices();
interceptLinks();
createRoot(document.getElementById('app')!).render(<Host />);
