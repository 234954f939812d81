export type GanttSort = 'start' | 'duration' | 'waiting' | 'name';

/** Options of the panel; the run page passes them too. */
export interface GanttOptions {
  sort: GanttSort;
  /** Clock times in the dashboard's zone, or seconds since the run started. */
  timeAxis: 'clock' | 'elapsed';
  /** Mapped tasks with more instances than this are folded into one row. */
  groupMappedAbove: number;
  showToolbar: boolean;
  showLegend: boolean;
  showCriticalPath: boolean;
  rowHeight: 'compact' | 'comfortable';
}

export const DEFAULT_GANTT_OPTIONS: GanttOptions = {
  sort: 'start',
  timeAxis: 'clock',
  groupMappedAbove: 5,
  showToolbar: true,
  showLegend: true,
  showCriticalPath: true,
  rowHeight: 'comfortable',
};
