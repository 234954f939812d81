import { PluginContextProvider, type AppPlugin, type AppPluginMeta, type KeyValue } from '@grafana/data';
import { Alert, LoadingPlaceholder } from '@grafana/ui';
import { useLocation } from 'react-router';
import { boot } from './boot.ts';
import { metaOf } from './meta.ts';
import { hasRole, pageAt } from './navigation.ts';
import { usePlugin } from './usePlugin.ts';

const APP = boot.plugins.find((plugin) => plugin.json.type === 'app')!.json;
const APP_ID = APP.id;
const META = { ...metaOf<AppPluginMeta<KeyValue>>(APP_ID), enabled: true, jsonData: boot.appSettings };

function prepare(plugin: AppPlugin): void {
  plugin.meta = META;
  plugin.init(META);
}

/** The app below `/a/<id>`. As in Grafana, its routes are relative to that path. */
export function AppPage() {
  const plugin = usePlugin<AppPlugin>(APP_ID, prepare);
  const { pathname, search } = useLocation();
  if (!plugin) return <LoadingPlaceholder text="Loading the plugin…" />;
  if (!hasRole(boot.role, pageAt(APP, pathname)?.role)) return <AccessDenied />;
  const Root = plugin.root!;
  const query = Object.fromEntries(new URLSearchParams(search));
  return (
    <PluginContextProvider meta={META}>
      <Root meta={META} basename={`/a/${APP_ID}`} path={pathname} query={query} onNavChanged={() => {}} />
    </PluginContextProvider>
  );
}

/** The app's configuration page, which Grafana shows to an Admin below `/plugins/<id>`. */
export function AppConfigPage() {
  const plugin = usePlugin<AppPlugin>(APP_ID, prepare);
  const { pathname } = useLocation();
  if (!plugin) return <LoadingPlaceholder text="Loading the plugin…" />;
  if (!hasRole(boot.role, pageAt(APP, pathname)?.role)) return <AccessDenied />;
  const page = plugin.configPages?.[0];
  if (!page) return <p>The app has no configuration page.</p>;
  const Body = page.body;
  return (
    <PluginContextProvider meta={META}>
      <Body plugin={plugin} query={{}} />
    </PluginContextProvider>
  );
}

/** The message that Grafana shows if the page requires a higher role in plugin.json. */
function AccessDenied() {
  return (
    <Alert severity="warning" title="Access denied">
      You do not have permission to see this page.
    </Alert>
  );
}
