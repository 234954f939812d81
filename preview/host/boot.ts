/** Data from the preview's server for the page, which is in the document before the host's bundle. */
export interface PreviewBoot {
  plugins: { path: string; json: HostPluginJson }[];
  dataSources: HostDataSource[];
  /** jsonData of the app. */
  appSettings: Record<string, unknown>;
  /** Viewer, Editor or Admin, from the URL, to show what each role sees. */
  role: string;
  /** Whether to hide everything around the page, as in Grafana's kiosk mode. */
  kiosk: boolean;
}

export interface HostPluginJson {
  type: 'app' | 'datasource' | 'panel';
  id: string;
  name: string;
  info: { version: string; logos: { small: string; large: string } } & Record<string, unknown>;
  includes?: {
    type: string;
    name: string;
    path?: string;
    uid?: string;
    role?: string;
    addToNav?: boolean;
    defaultNav?: boolean;
    icon?: string;
  }[];
  extensions?: { addedLinks?: { targets: string | string[]; title: string; description?: string }[] };
}

export interface HostDataSource {
  uid: string;
  name: string;
  type: string;
  url: string;
  jsonData: Record<string, unknown>;
}

declare global {
  interface Window {
    runbeatPreview: PreviewBoot;
  }
}

export const boot: PreviewBoot = window.runbeatPreview;

export function pluginOf(id: string): HostPluginJson {
  const found = boot.plugins.find((plugin) => plugin.json.id === id);
  if (!found) throw new Error(`The preview was built without a plugin ${id}`);
  return found.json;
}
