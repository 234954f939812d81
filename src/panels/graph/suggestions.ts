import { VisualizationSuggestionScore, type VisualizationSuggestionsSupplier } from '@grafana/data';
import { GRAPH_EDGE_FIELDS } from '../../data/frameFields.ts';
import type { GraphPanelOptions } from './GraphPanel.tsx';
import { isEdgesFrame, isNodesFrame } from './toModel.ts';

/** Suggests the panel first for a run's graph, as possible for other nodes and edges, and not at all for other data. */
export const suggestGraph: VisualizationSuggestionsSupplier<GraphPanelOptions> = ({ hasData, rawFrames }) => {
  const edges = rawFrames?.find(isEdgesFrame);
  if (!hasData || !edges || !rawFrames?.some(isNodesFrame)) return;
  const ours = edges.fields.some((field) => field.name === GRAPH_EDGE_FIELDS.transitionSeconds);
  return [
    {
      score: ours ? VisualizationSuggestionScore.Best : VisualizationSuggestionScore.OK,
      cardOptions: {
        previewModifier: (suggestion) => {
          suggestion.options = { ...suggestion.options, showToolbar: false, showLegend: false, showMinimap: false };
        },
      },
    },
  ];
};
