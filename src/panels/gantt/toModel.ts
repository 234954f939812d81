import type { DataFrame } from '@grafana/data';
import type { RunDetail } from '../../../shared/api.ts';
import type { GanttModel } from './model.ts';

const EMPTY: GanttModel = {
  tasks: [],
  manyRuns: false,
  criticalPath: [],
  start: null,
  end: null,
  live: false,
  notes: [],
};

/** The exporter's answer about one run, as the Gantt draws it. */
export function ganttFromRun(_detail: RunDetail): GanttModel {
  return EMPTY;
}

/** Frames of the query type "Run tasks" (RUN_TASKS_FIELDS), as the Gantt draws them; frames of other shapes are ignored. */
export function ganttFromFrames(_frames: readonly DataFrame[]): GanttModel {
  return EMPTY;
}
