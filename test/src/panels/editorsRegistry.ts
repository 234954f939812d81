import { standardEditorsRegistry } from '@grafana/data';

/** Grafana provides the editors of panel options. A panel's defaults can't be read without them. */
standardEditorsRegistry.setInit(() =>
  ['select', 'radio', 'number', 'boolean', 'text'].map((id) => ({ id, name: id, editor: () => null })),
);
