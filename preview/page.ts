import type { PluginFolder } from './plugin/folders.ts';
import type { PreviewDataSource } from './dataSources.ts';

interface PageOptions {
  plugins: readonly PluginFolder[];
  dataSources: readonly PreviewDataSource[];
  appSettings: Record<string, unknown>;
  subPath: string;
  grafanaVersion: string;
  /** Stylesheets of the host's bundle. */
  styles: readonly string[];
  /** Of the scripts that the page's policy lets run. */
  nonce: string;
}

/** The default of Grafana's `content_security_policy_template`, without its WebSocket. */
export function contentSecurityPolicy(nonce: string): string {
  return [
    `script-src 'self' 'unsafe-eval' 'unsafe-inline' 'strict-dynamic' 'nonce-${nonce}'`,
    "object-src 'none'",
    "font-src 'self'",
    "style-src 'self' 'unsafe-inline' blob:",
    'img-src * data:',
    "base-uri 'self'",
    "connect-src 'self' grafana.com",
    "manifest-src 'self'",
    "media-src 'none'",
    "form-action 'self'",
  ].join('; ');
}

/** The host page: the data that Grafana's server would pass, then SystemJS, then the host. */
export function renderPage(options: PageOptions): string {
  const { plugins, appSettings, subPath, grafanaVersion, styles, nonce } = options;
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
<base href="${subPath}/">
<title>Runbeat preview</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="${subPath}/public/plugins/${plugins[0]!.json.id}/img/logo.svg">
${styles.map((name) => `<link rel="stylesheet" href="${subPath}/preview/host/${name}">`).join('\n')}
</head>
<body style="margin: 0">
<div id="app"><p style="font-family: sans-serif; padding: 2em">Loading the preview…</p></div>
<script nonce="${nonce}">
window.__grafana_public_path__ = ${json(`${subPath}/public/`)};
window.runbeatPreview = ${json({ plugins, dataSources, appSettings, role: 'Admin', kiosk: false })};
(${bootFunction})(${json(grafanaVersion)}, ${json(subPath)});
</script>
<script nonce="${nonce}" src="${subPath}/preview/system/system.min.js"></script>
<script nonce="${nonce}" src="${subPath}/preview/system/extras/amd.min.js"></script>
<script nonce="${nonce}" src="${subPath}/preview/system/extras/named-register.min.js"></script>
<script nonce="${nonce}" type="module" src="${subPath}/preview/host/main.js"></script>
</body>
</html>
`;
}

/**
 * Runs in the page: reads theme, time zone, role, kiosk mode and whether a person is signed in from the URL, and keeps them for the browser
 * tab, if the browser has storage.
 */
const bootFunction = `function (version, subPath) {
  var params = new URLSearchParams(location.search);
  var chosen = function (name, otherwise) {
    try {
      var value = params.get(name) || sessionStorage.getItem('preview.' + name) || otherwise;
      sessionStorage.setItem('preview.' + name, value);
      return value;
    } catch (refused) {
      return params.get(name) || otherwise;
    }
  };
  var role = chosen('role', 'Admin');
  var isAnonymous = chosen('anonymous', 'false') === 'true';
  window.runbeatPreview.role = role;
  window.runbeatPreview.kiosk = chosen('kiosk', 'false') !== 'false';
  window.grafanaBootData = {
    user: {
      id: isAnonymous ? 0 : 1, login: isAnonymous ? '' : 'preview', name: isAnonymous ? '' : 'Preview', orgId: 1,
      orgRole: role, isSignedIn: !isAnonymous, isGrafanaAdmin: false,
      theme: chosen('theme', 'dark'), timezone: chosen('tz', 'browser'), locale: 'en', language: 'en-US', permissions: {}
    },
    settings: {
      appSubUrl: subPath, appUrl: location.origin + subPath + '/', featureToggles: {}, datasources: {}, apps: {}, panels: {},
      buildInfo: { version: version, env: 'production', edition: 'Open Source', commit: '', hasUpdate: false },
      dateFormats: undefined, licenseInfo: {}, unifiedAlertingEnabled: true
    },
    navTree: [], assets: { light: '', dark: '' }
  };
}`;

/** JSON that is safe inside a script element. */
function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
