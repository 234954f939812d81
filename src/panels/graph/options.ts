import { TRANSITION_LINE } from '../../../shared/metrics.ts';

/** Options of the panel; the run page passes them too. */
export interface GraphOptions {
  orientation: 'LR' | 'TB';
  /** Edges whose transition took longer than this, in seconds, are drawn as slow. */
  slowTransitionSeconds: number;
  /** `auto` collapses groups in graphs that are too large to read at once. */
  groups: 'auto' | 'expanded' | 'collapsed';
  showToolbar: boolean;
  showMinimap: boolean;
  showLegend: boolean;
  showCriticalPath: boolean;
  edgeLabels: 'all' | 'slow' | 'none';
  /** `cooperative` leaves the plain wheel to the page and zooms with ctrl or cmd; `greedy` zooms with the plain wheel. */
  zoomMode: 'cooperative' | 'greedy';
}

export const DEFAULT_GRAPH_OPTIONS: GraphOptions = {
  orientation: 'LR',
  slowTransitionSeconds: TRANSITION_LINE,
  groups: 'auto',
  showToolbar: true,
  showMinimap: true,
  showLegend: true,
  showCriticalPath: true,
  edgeLabels: 'all',
  zoomMode: 'cooperative',
};
