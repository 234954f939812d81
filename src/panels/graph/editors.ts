import type { PanelOptionsEditorBuilder } from '@grafana/data';
import { addClickEditors } from '../clickEditors.ts';
import type { GraphPanelOptions } from './GraphPanel.tsx';
import { DEFAULT_GRAPH_OPTIONS as DEFAULTS } from './options.ts';

/** The panel's options, as the panel editor shows them. */
export function addGraphEditors(builder: PanelOptionsEditorBuilder<GraphPanelOptions>): void {
  builder
    .addRadio({
      path: 'orientation',
      name: 'Direction',
      defaultValue: DEFAULTS.orientation,
      settings: {
        options: [
          { value: 'LR', label: 'Left to right' },
          { value: 'TB', label: 'Top to bottom' },
        ],
      },
    })
    .addNumberInput({
      path: 'slowTransitionSeconds',
      name: 'Slow above (s)',
      description: 'Marks tasks that started longer than this after their upstream ended.',
      defaultValue: DEFAULTS.slowTransitionSeconds,
      settings: { min: 0 },
    })
    .addRadio({
      path: 'edgeLabels',
      name: 'Latencies',
      defaultValue: DEFAULTS.edgeLabels,
      settings: {
        options: [
          { value: 'all', label: 'All' },
          { value: 'slow', label: 'Slow transitions' },
          { value: 'none', label: 'None' },
        ],
      },
    })
    .addRadio({
      path: 'groups',
      name: 'Task groups',
      description: 'Auto collapses groups in graphs that are too large to read.',
      defaultValue: DEFAULTS.groups,
      settings: {
        options: [
          { value: 'auto', label: 'Auto' },
          { value: 'expanded', label: 'Open' },
          { value: 'collapsed', label: 'Collapsed' },
        ],
      },
    })
    .addBooleanSwitch({ path: 'showCriticalPath', name: 'Critical path', defaultValue: DEFAULTS.showCriticalPath })
    .addBooleanSwitch({ path: 'showToolbar', name: 'Toolbar', defaultValue: DEFAULTS.showToolbar })
    .addBooleanSwitch({ path: 'showMinimap', name: 'Minimap', defaultValue: DEFAULTS.showMinimap })
    .addBooleanSwitch({ path: 'showLegend', name: 'Legend', defaultValue: DEFAULTS.showLegend })
    .addRadio({
      path: 'zoomMode',
      name: 'Wheel',
      category: ['Interaction'],
      defaultValue: DEFAULTS.zoomMode,
      settings: {
        options: [
          { value: 'cooperative', label: 'Scrolls the page', description: 'Zooms with ctrl or cmd' },
          { value: 'greedy', label: 'Zooms' },
        ],
      },
    });
  addClickEditors(builder);
}
