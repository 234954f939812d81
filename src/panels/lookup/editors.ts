import type { PanelOptionsEditorBuilder } from '@grafana/data';
import { DEFAULT_LOOKUP_OPTIONS as DEFAULTS, type LookupPanelOptions } from './options.ts';

export function addLookupEditors(builder: PanelOptionsEditorBuilder<LookupPanelOptions>): void {
  builder
    .addBooleanSwitch({ path: 'showField', name: 'Field for ids', defaultValue: DEFAULTS.showField })
    .addTextInput({
      path: 'variable',
      name: 'Variable',
      description: 'Text box variable that the field sets. Use it as $name in the ids of the query.',
      defaultValue: DEFAULTS.variable,
      showIf: ({ showField }) => showField !== false,
    })
    .addTextInput({
      path: 'label',
      name: 'Label',
      defaultValue: DEFAULTS.label,
      showIf: ({ showField }) => showField !== false,
    })
    .addBooleanSwitch({ path: 'showStandsAt', name: 'Progress', defaultValue: DEFAULTS.showStandsAt })
    .addNumberInput({
      path: 'pageSize',
      name: 'Rows per page',
      defaultValue: DEFAULTS.pageSize,
      settings: { min: 5, max: 500, integer: true },
    });
}
