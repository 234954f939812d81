import { PanelPlugin } from '@grafana/data';
import { addGanttEditors } from './editors.ts';
import { GanttPanel, type GanttPanelOptions } from './GanttPanel.tsx';
import { suggestGantt } from './suggestions.ts';

export const plugin = new PanelPlugin<GanttPanelOptions>(GanttPanel)
  .setPanelOptions(addGanttEditors)
  .setSuggestionsSupplier(suggestGantt);
