import { VisualizationSuggestionScore, type VisualizationSuggestionsSupplier } from '@grafana/data';
import type { GanttPanelOptions } from './GanttPanel.tsx';
import { isJourneyFrame } from './journeyModel.ts';
import { isRunTasksFrame } from './toModel.ts';

/** Suggests the panel first for data with tasks or runs over time, and not at all for other data. */
export const suggestGantt: VisualizationSuggestionsSupplier<GanttPanelOptions> = ({ hasData, rawFrames }) => {
  if (!hasData || !rawFrames?.some((frame) => isRunTasksFrame(frame) || isJourneyFrame(frame))) return;
  return [
    {
      score: VisualizationSuggestionScore.Best,
      cardOptions: {
        previewModifier: (suggestion) => {
          suggestion.options = { ...suggestion.options, showToolbar: false, showLegend: false, rowHeight: 'compact' };
        },
      },
    },
  ];
};
