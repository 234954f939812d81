export type GanttSort = 'start' | 'duration' | 'waiting' | 'name';

/** Options of the panel; the run page passes the same. */
export interface GanttOptions {
  sort: GanttSort;
  /** Clock times in the dashboard's zone, or seconds since the run began. */
  timeAxis: 'clock' | 'elapsed';
  /** Mapped tasks with more instances than this are one row that opens. */
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
