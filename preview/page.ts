import type { PluginFolder } from './plugin/folders.ts';
import type { PreviewDataSource } from './dataSources.ts';

interface PageOptions {
  plugins: readonly PluginFolder[];
  dataSources: readonly PreviewDataSource[];
  appSettings: Record<string, unknown>;
  grafanaVersion: string;
  /** Stylesheets that the host's bundle brought. */
  styles: readonly string[];
}

/** The host page: what Grafana's server would tell the browser, then SystemJS, then the host. */
export function renderPage(options: PageOptions): string {
  const { plugins, appSettings, grafanaVersion, styles } = options;
  const dataSources = options.dataSources.map(({ uid, name, type, url, jsonData }) => ({
    uid,
    name,
    type,
    url,
    jsonData,
  }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<base href="/">
<title>Runbeat preview</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/public/plugins/${plugins[0]!.json.id}/img/logo.svg">
${styles.map((name) => `<link rel="stylesheet" href="/preview/host/${name}">`).join('\n')}
</head>
<body style="margin: 0">
<div id="app"><p style="font-family: sans-serif; padding: 2em">Loading the preview…</p></div>
<script>
window.__grafana_public_path__ = '/public/';
window.runbeatPreview = ${json({ plugins, dataSources, appSettings, role: 'Admin' })};
(${bootFunction})(${json(grafanaVersion)});
</script>
<script src="/preview/system/system.min.js"></script>
<script src="/preview/system/extras/amd.min.js"></script>
<script src="/preview/system/extras/named-register.min.js"></script>
<script type="module" src="/preview/host/main.js"></script>
</body>
</html>
`;
}

/** Runs in the page: theme, time zone and role come from the URL and stay for the browser tab. */
const bootFunction = `function (version) {
  var params = new URLSearchParams(location.search);
  var chosen = function (name, otherwise) {
    var value = params.get(name) || sessionStorage.getItem('preview.' + name) || otherwise;
    sessionStorage.setItem('preview.' + name, value);
    return value;
  };
  var role = chosen('role', 'Admin');
  window.runbeatPreview.role = role;
  window.grafanaBootData = {
    user: {
      id: 1, login: 'preview', name: 'Preview', orgId: 1, orgRole: role, isSignedIn: true, isGrafanaAdmin: false,
      theme: chosen('theme', 'dark'), timezone: chosen('tz', 'browser'), locale: 'en', language: 'en-US', permissions: {}
    },
    settings: {
      appSubUrl: '', appUrl: location.origin + '/', featureToggles: {}, datasources: {}, apps: {}, panels: {},
      buildInfo: { version: version, env: 'production', edition: 'Open Source', commit: '', hasUpdate: false },
      dateFormats: undefined, licenseInfo: {}, unifiedAlertingEnabled: true
    },
    navTree: [], assets: { light: '', dark: '' }
  };
}`;

/** JSON that may stand inside a script element. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
