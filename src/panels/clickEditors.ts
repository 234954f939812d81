import type { PanelOptionsEditorBuilder } from '@grafana/data';
import { DEFAULT_CLICK_OPTIONS, type ClickOptions } from './onTaskClick.ts';

/** Editors of the options that Gantt and graph share. */
export function addClickEditors<Options extends ClickOptions>(builder: PanelOptionsEditorBuilder<Options>): void {
  builder
    .addRadio({
      path: 'onClick',
      name: 'Click on a task',
      category: ['Interaction'],
      defaultValue: DEFAULT_CLICK_OPTIONS.onClick,
      settings: {
        options: [
          { value: 'run', label: 'Open the run' },
          { value: 'variable', label: 'Set a variable' },
          { value: 'none', label: 'Mark it' },
        ],
      },
    })
    .addTextInput({
      path: 'clickVariable',
      name: 'Variable',
      description: 'Name of the dashboard variable that is set to the task_id.',
      category: ['Interaction'],
      defaultValue: DEFAULT_CLICK_OPTIONS.clickVariable,
      showIf: (options) => options.onClick === 'variable',
    });
}
