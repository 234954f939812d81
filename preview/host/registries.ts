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

/** A panel's options name their editors, which are parts of Grafana's own panel editor; the preview has none to show. */
export function fillRegistries(): void {
  standardEditorsRegistry.setInit(() =>
    EDITORS.map((id) => ({ id, name: id, editor: () => null }) as StandardEditorsRegistryItem),
  );
  standardFieldConfigEditorRegistry.setInit(() => []);
}
