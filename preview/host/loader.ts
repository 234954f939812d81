import * as emotionCss from '@emotion/css';
import * as grafanaData from '@grafana/data';
import * as grafanaRuntime from '@grafana/runtime';
import * as grafanaUi from '@grafana/ui';
import * as lodash from 'lodash';
import * as moment from 'moment';
import * as react from 'react';
import * as jsxDevRuntime from 'react/jsx-dev-runtime';
import * as jsxRuntime from 'react/jsx-runtime';
import * as reactDom from 'react-dom';
import * as reactRouter from 'react-router';
import * as rxjs from 'rxjs';
import { PreviewDataErrorView } from './PreviewDataErrorView.tsx';
import { PreviewPluginPage } from './PreviewPluginPage.tsx';
import { PreviewTimeSeries } from './PreviewTimeSeries.tsx';

declare const System: {
  addImportMap(map: { imports: Record<string, string> }): void;
  set(id: string, module: object): void;
  import(url: string): Promise<Record<string, unknown>>;
};

/** The dependencies that Grafana's loader shares with plugins, with one instance each. */
const SHARED: Readonly<Record<string, object>> = {
  '@emotion/css': emotionCss,
  '@grafana/data': grafanaData,
  // Grafana's core registers its components here at its start. The package alone has none.
  '@grafana/runtime': {
    ...grafanaRuntime,
    PluginPage: PreviewPluginPage,
    PanelDataErrorView: PreviewDataErrorView,
    PanelRenderer: PreviewTimeSeries,
  },
  '@grafana/ui': grafanaUi,
  lodash: withDefault(lodash),
  moment: withDefault(moment),
  react: withDefault(react),
  'react/jsx-runtime': jsxRuntime,
  'react/jsx-dev-runtime': jsxDevRuntime,
  'react-dom': withDefault(reactDom),
  'react-router': reactRouter,
  rxjs,
};

/** Marks modules as Grafana does, so that an AMD module gets the CommonJS module itself if there is one. */
function withDefault(module: object): object {
  const inner = (module as { default?: object }).default;
  return inner ? { ...module, default: inner, __useDefault: true } : module;
}

export function shareDependencies(): void {
  System.addImportMap({ imports: Object.fromEntries(Object.keys(SHARED).map((name) => [name, `package:${name}`])) });
  for (const [name, module] of Object.entries(SHARED)) System.set(`package:${name}`, module);
}

/** Loads a plugin's module.js as Grafana does, and returns its export `plugin`. */
export async function loadPlugin<Plugin>(pluginId: string): Promise<Plugin> {
  const module = await System.import(new URL(`public/plugins/${pluginId}/module.js`, document.baseURI).href);
  if (!module.plugin) throw new Error(`${pluginId}: module.js exports no plugin`);
  return module.plugin as Plugin;
}
