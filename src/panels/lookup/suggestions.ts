import { VisualizationSuggestionScore, type VisualizationSuggestionsSupplier } from '@grafana/data';
import { customOf, FRAME_KINDS } from '../../data/frameFields.ts';
import { isLookupFrame } from '../../lookup/row.ts';
import type { LookupPanelOptions } from './options.ts';

/** Best for the answer of a lookup and good for any list of runs. Tasks name their run too, but are not a list of runs. */
export const suggestLookup: VisualizationSuggestionsSupplier<LookupPanelOptions> = ({ hasData, rawFrames }) => {
  const kinds = (rawFrames ?? []).filter(isLookupFrame).map((frame) => customOf(frame).runbeat);
  if (!hasData) return;
  if (kinds.includes(FRAME_KINDS.lookup)) return [{ score: VisualizationSuggestionScore.Best }];
  if (kinds.includes(FRAME_KINDS.runs)) {
    return [{ score: VisualizationSuggestionScore.Good, options: { showField: false } }];
  }
  return undefined;
};
