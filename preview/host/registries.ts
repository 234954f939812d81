import {
  standardEditorsRegistry,
  standardFieldConfigEditorRegistry,
  type StandardEditorsRegistryItem,
} from '@grafana/data';

const EDITORS = [
  'text',
  'number',
  'slider',
  'boolean',
  'select',
  'multi-select',
  'radio',
  'unit',
  'color',
  'fieldColor',
  'links',
  'thresholds',
  'mappings',
  'stats-picker',
  'timezone',
  'strings',
  'field-name',
  'dashboard-uid',
];

/** Registers placeholders for the editors of panel options, which are part of Grafana's panel editor. The preview does not show them. */
export function fillRegistries(): void {
  standardEditorsRegistry.setInit(() =>
    EDITORS.map((id) => ({ id, name: id, editor: () => null }) as StandardEditorsRegistryItem),
  );
  standardFieldConfigEditorRegistry.setInit(() => []);
}
