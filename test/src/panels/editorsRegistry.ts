import { standardEditorsRegistry } from '@grafana/data';

/** Grafana itself brings the editors of panel options; a panel's defaults can't be read without them. */
standardEditorsRegistry.setInit(() =>
  ['select', 'radio', 'number', 'boolean', 'text'].map((id) => ({ id, name: id, editor: () => null })),
);
