/** What the preview's server tells the page; stands before the host's bundle in the document. */
export interface PreviewBoot {
  plugins: { path: string; json: HostPluginJson }[];
  dataSources: HostDataSource[];
  /** jsonData of the app. */
  appSettings: Record<string, unknown>;
  /** Viewer, Editor or Admin; chosen in the URL, for looking at what each of them sees. */
  role: string;
  /** Without anything around the page, as on a screen on a wall. */
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
