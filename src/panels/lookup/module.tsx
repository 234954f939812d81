import { PanelPlugin } from '@grafana/data';
import { addLookupEditors } from './editors.ts';
import { LookupPanel } from './LookupPanel.tsx';
import type { LookupPanelOptions } from './options.ts';
import { suggestLookup } from './suggestions.ts';

export const plugin = new PanelPlugin<LookupPanelOptions>(LookupPanel)
  .setPanelOptions(addLookupEditors)
  .setSuggestionsSupplier(suggestLookup);
