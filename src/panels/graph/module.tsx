import { PanelPlugin } from '@grafana/data';
import { addGraphEditors } from './editors.ts';
import { GraphPanel, type GraphPanelOptions } from './GraphPanel.tsx';
import { suggestGraph } from './suggestions.ts';

export const plugin = new PanelPlugin<GraphPanelOptions>(GraphPanel)
  .setPanelOptions(addGraphEditors)
  .setSuggestionsSupplier(suggestGraph);
