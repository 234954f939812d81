import type { PanelOptionsEditorBuilder } from '@grafana/data';
import { addClickEditors } from '../clickEditors.ts';
import type { GanttPanelOptions } from './GanttPanel.tsx';
import { DEFAULT_GANTT_OPTIONS as DEFAULTS } from './options.ts';

/** The panel's options, as the panel editor shows them. */
export function addGanttEditors(builder: PanelOptionsEditorBuilder<GanttPanelOptions>): void {
  builder
    .addSelect({
      path: 'sort',
      name: 'Order',
      description: 'Initial order of the rows; viewers can change it.',
      defaultValue: DEFAULTS.sort,
      settings: {
        options: [
          { value: 'start', label: 'Start' },
          { value: 'duration', label: 'Longest running first' },
          { value: 'waiting', label: 'Longest waiting first' },
          { value: 'name', label: 'Name' },
        ],
      },
    })
    .addRadio({
      path: 'timeAxis',
      name: 'Time axis',
      defaultValue: DEFAULTS.timeAxis,
      settings: {
        options: [
          { value: 'clock', label: 'Clock', description: "In the dashboard's time zone" },
          { value: 'elapsed', label: 'Elapsed', description: 'Since the run began' },
        ],
      },
    })
    .addRadio({
      path: 'rowHeight',
      name: 'Rows',
      defaultValue: DEFAULTS.rowHeight,
      settings: {
        options: [
          { value: 'comfortable', label: 'Comfortable' },
          { value: 'compact', label: 'Compact' },
        ],
      },
    })
    .addNumberInput({
      path: 'groupMappedAbove',
      name: 'Collapse mapped tasks above',
      description: 'Shows a mapped task with more instances than this as one row that can be expanded.',
      defaultValue: DEFAULTS.groupMappedAbove,
      settings: { min: 1, integer: true },
    })
    .addBooleanSwitch({ path: 'showCriticalPath', name: 'Critical path', defaultValue: DEFAULTS.showCriticalPath })
    .addBooleanSwitch({ path: 'showToolbar', name: 'Toolbar', defaultValue: DEFAULTS.showToolbar })
    .addBooleanSwitch({ path: 'showLegend', name: 'Legend', defaultValue: DEFAULTS.showLegend });
  addClickEditors(builder);
}
