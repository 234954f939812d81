import type { PanelOptionsEditorBuilder } from '@grafana/data';
import { DEFAULT_LOOKUP_OPTIONS as DEFAULTS, type LookupPanelOptions } from './options.ts';

export function addLookupEditors(builder: PanelOptionsEditorBuilder<LookupPanelOptions>): void {
  builder
    .addBooleanSwitch({ path: 'showField', name: 'Field for ids', defaultValue: DEFAULTS.showField })
    .addTextInput({
      path: 'variable',
      name: 'Variable',
      description: 'Text box variable of this dashboard that the field sets; use it as $name in the query’s ids.',
      defaultValue: DEFAULTS.variable,
      showIf: ({ showField }) => showField !== false,
    })
    .addTextInput({
      path: 'label',
      name: 'Label',
      defaultValue: DEFAULTS.label,
      showIf: ({ showField }) => showField !== false,
    })
    .addBooleanSwitch({ path: 'showStandsAt', name: 'Where it stands', defaultValue: DEFAULTS.showStandsAt })
    .addNumberInput({
      path: 'pageSize',
      name: 'Rows on a page',
      defaultValue: DEFAULTS.pageSize,
      settings: { min: 5, max: 500, integer: true },
    });
}
