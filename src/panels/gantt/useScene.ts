import type { TimeZone } from '@grafana/data';
import { useMemo } from 'react';
import type { GanttModel } from './model.ts';
import type { GanttOptions } from './options.ts';
import type { Scene } from './paint.ts';
import { clockTicks, elapsedTicks, type Tick } from './ticks.ts';
import type { RowControl } from './useRows.ts';
import type { ZoomControl } from './useTimeWindow.ts';
import type { Slice } from './virtual.ts';

interface Stage {
  model: GanttModel;
  options: GanttOptions;
  rowControl: RowControl;
  zoom: ZoomControl;
  now: number;
  timeZone: TimeZone;
  slice: Slice;
  rowHeight: number;
  /** Size of the plot, in pixels. */
  width: number;
}

/** What to paint. It is a new object only when something in it changed, so that nothing repaints needlessly. */
export function useScene(stage: Stage): { scene: Scene; ticks: Tick[] } {
  const { model, zoom, now, timeZone, rowHeight, width } = stage;
  const { timeAxis, showCriticalPath } = stage.options;
  const { rows, indexOf } = stage.rowControl;
  const { first, count } = stage.slice;
  const ticks = useMemo(
    () =>
      timeAxis === 'elapsed'
        ? elapsedTicks(zoom.window, width, model.start ?? zoom.window.from)
        : clockTicks(zoom.window, width, timeZone),
    [timeAxis, zoom.window, width, timeZone, model.start],
  );
  const criticalRows = useMemo(() => criticalRowsOf(model, indexOf), [model, indexOf]);
  const scene = useMemo(
    (): Scene => ({
      rows,
      firstRow: first,
      rowHeight,
      width,
      height: count * rowHeight,
      window: zoom.window,
      ticks,
      now,
      live: model.live,
      showCriticalPath,
      criticalRows,
    }),
    [rows, first, count, rowHeight, width, zoom.window, ticks, now, model.live, showCriticalPath, criticalRows],
  );
  return { scene, ticks };
}

function criticalRowsOf(model: GanttModel, indexOf: ReadonlyMap<string, number>): Scene['criticalRows'] {
  if (model.criticalPath.length === 0) return [];
  const tasks = new Map(model.tasks.map((task) => [task.key, task]));
  return model.criticalPath.flatMap((key) => {
    const row = indexOf.get(key);
    const task = tasks.get(key);
    return row === undefined || !task ? [] : [{ row, task }];
  });
}
