import type { TimeZone } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { useMemo, type ReactElement } from 'react';
import { GanttBody } from './GanttBody.tsx';
import { GanttLegend } from './GanttLegend.tsx';
import { GanttToolbar } from './GanttToolbar.tsx';
import type { GanttModel, SegmentKind, TaskSelection } from './model.ts';
import { DEFAULT_GANTT_OPTIONS, type GanttOptions } from './options.ts';
import { chartStyles } from './styles.ts';
import { useClock } from './useClock.ts';
import { useRows } from './useRows.ts';
import { useTimeWindow } from './useTimeWindow.ts';

export interface GanttChartProps {
  model: GanttModel;
  width: number;
  height: number;
  timeZone: TimeZone;
  /** Epoch milliseconds of the now-line. Without it, the chart keeps its own clock. */
  now?: number;
  options?: Partial<GanttOptions>;
  selectedTaskId?: string | null;
  onSelectTask?: (task: TaskSelection) => void;
}

/** In panels narrower than this, the toolbar shows only the essential controls. */
const NARROW_PX = 620;

/** The run's task instances over time: waiting for the scheduler, queued and running. Every row is reachable by keyboard. */
export function GanttChart(props: GanttChartProps): ReactElement {
  const { model, width, height, timeZone, selectedTaskId = null, onSelectTask } = props;
  const options = useMemo(() => ({ ...DEFAULT_GANTT_OPTIONS, ...props.options }), [props.options]);
  const styles = useStyles2(chartStyles);
  const now = useClock(props.now, model.answeredAt, model.live);
  const rowControl = useRows(model, options.sort, options.groupMappedAbove, now);
  const zoom = useTimeWindow(model, now);
  const kinds = useMemo(() => kindsOf(model), [model]);
  const usual = useMemo(() => model.tasks.some((task) => task.usualSeconds !== null), [model]);
  return (
    <div className={styles.root} style={{ width, height }}>
      {options.showToolbar && (
        <GanttToolbar
          filter={rowControl.filter}
          onFilter={rowControl.setFilter}
          sort={rowControl.sort}
          onSort={rowControl.setSort}
          states={rowControl.states}
          zoomed={zoom.zoomed}
          onZoom={zoom.zoomAt}
          onReset={zoom.reset}
          shown={rowControl.shown}
          total={model.tasks.length}
          rows={model.rows}
          notes={model.notes}
          narrow={width < NARROW_PX}
        />
      )}
      <GanttBody
        model={model}
        options={options}
        width={width}
        height={height}
        timeZone={timeZone}
        now={now}
        rowControl={rowControl}
        zoom={zoom}
        selectedTaskId={selectedTaskId}
        onSelectTask={onSelectTask}
      />
      {options.showLegend && (
        <GanttLegend
          states={rowControl.states}
          kinds={kinds}
          critical={options.showCriticalPath && model.criticalPath.length > 0}
          usual={usual}
        />
      )}
    </div>
  );
}

function kindsOf({ tasks }: GanttModel): Set<SegmentKind> {
  const kinds = new Set<SegmentKind>();
  for (const { attempts } of tasks) {
    for (const { segments } of attempts) for (const { kind } of segments) kinds.add(kind);
  }
  return kinds;
}
