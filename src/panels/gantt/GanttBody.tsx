import type { TimeZone } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { useCallback, useId, useMemo, useRef, useState, type PointerEvent, type ReactElement } from 'react';
import { statesInWords } from '../../data/countStates.ts';
import { useMeasuredSize, type Size } from '../useElementSize.ts';
import { GanttCanvas } from './GanttCanvas.tsx';
import { GanttTooltip } from './GanttTooltip.tsx';
import type { GanttModel, GanttTask, TaskSelection } from './model.ts';
import type { GanttOptions } from './options.ts';
import { RowList } from './RowList.tsx';
import type { GanttRow } from './rows.ts';
import { AXIS_HEIGHT, chartStyles } from './styles.ts';
import { TimeAxis } from './TimeAxis.tsx';
import { useGanttKeyboard } from './useGanttKeyboard.ts';
import { usePlotGestures } from './usePlotGestures.ts';
import type { RowControl } from './useRows.ts';
import { useScene } from './useScene.ts';
import type { ZoomControl } from './useTimeWindow.ts';
import { sliceAt } from './virtual.ts';

interface Props {
  model: GanttModel;
  options: GanttOptions;
  width: number;
  height: number;
  timeZone: TimeZone;
  now: number;
  rowControl: RowControl;
  zoom: ZoomControl;
  selectedTaskId: string | null;
  onSelectTask?: (task: TaskSelection) => void;
}

const ROW_HEIGHT = { compact: 20, comfortable: 26 } as const;
/** Height of the message that stands in for bars. */
const MESSAGE_HEIGHT = 120;
const HEADINGS = { both: 'Run / task', tasks: 'Task', runs: 'Run' } as const;
const NAMES = { tasks: 'Task instances over time', runs: 'Runs over time' } as const;
const KEYBOARD = {
  tasks: 'Up and down move between tasks',
  runs: 'Up and down move between runs, Enter opens one',
} as const;
const NOTHING_STARTED = 'No task has started.';
const NOTHING_LEFT = 'No task matches the filter.';
const NO_TASKS = 'This run has no task instances.';

/** The time axis, rows and bars. */
export function GanttBody(props: Props): ReactElement {
  const { model, options, rowControl, zoom, now, timeZone, onSelectTask } = props;
  const { rows, indexOf, toggle } = rowControl;
  const styles = useStyles2(chartStyles);
  const idPrefix = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const plot = useRef<HTMLDivElement>(null);
  const measured = useMeasuredSize(scroller, { width: props.width, height: props.height - AXIS_HEIGHT });
  const [scrollTop, setScrollTop] = useState(0);
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const [hover, setHover] = useState<{ row: number; x: number; y: number } | null>(null);
  const rowHeight = ROW_HEIGHT[options.rowHeight];
  const { height, labelWidth, plotWidth, slice } = layoutOf(measured, { scrollTop, rowHeight, rows: rows.length });

  const onRow = useCallback(
    (row: GanttRow) => {
      setActiveKey(row.key);
      if (row.kind === 'task') onSelectTask?.(selectionOf(row.task));
      else toggle(row.key);
    },
    [onSelectTask, toggle],
  );
  const onKeyDown = useGanttKeyboard({ scroller, rowHeight, rowControl, zoom, now, activeKey, setActiveKey, onRow });
  const rowAt = (clientY: number) => {
    const box = scroller.current?.getBoundingClientRect();
    return box ? Math.floor((clientY - box.top + scroller.current!.scrollTop) / rowHeight) : -1;
  };
  const gestures = usePlotGestures(plot, zoom, (clientY) => {
    const row = rows[rowAt(clientY)];
    if (row) onRow(row);
  });
  const onHover = (event: PointerEvent) => {
    const row = rowAt(event.clientY);
    setHover(row >= 0 && row < rows.length ? { row, x: event.clientX, y: event.clientY } : null);
  };

  const activeRow = activeKey === null ? null : (indexOf.get(activeKey) ?? null);
  const { scene, ticks } = useScene({
    model,
    options,
    rowControl,
    zoom,
    now,
    timeZone,
    slice,
    rowHeight,
    width: plotWidth,
  });
  const hovered = hover && !gestures.brush ? rows[hover.row] : undefined;
  const message = emptyMessage(model, rows.length);
  const label = useMemo(() => labelOf(model), [model]);

  return (
    <>
      <TimeAxis
        window={zoom.window}
        ticks={model.start === null ? [] : ticks}
        left={labelWidth}
        width={plotWidth}
        now={model.live ? now : null}
        timeZone={timeZone}
        heading={HEADINGS[model.manyRuns ? 'both' : model.rows]}
      />
      <div
        ref={scroller}
        {...treegridRole(rows.length)}
        tabIndex={0}
        aria-label={`${label}, plus and minus zoom, left and right move in time, 0 shows all of it.`}
        aria-activedescendant={activeRow === null ? undefined : `${idPrefix}${activeRow}`}
        className={styles.scroller}
        style={{ height: contentHeight(rows.length * rowHeight, message) }}
        onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
        onPointerMove={onHover}
        onPointerLeave={() => setHover(null)}
      >
        <div className={styles.stuck}>
          <div
            ref={plot}
            className={styles.plot}
            style={{ left: labelWidth, width: plotWidth, height }}
            onDoubleClick={zoom.reset}
            onPointerDown={gestures.onPointerDown}
            onPointerMove={gestures.onPointerMove}
            onPointerUp={gestures.onPointerUp}
            onPointerCancel={gestures.onPointerCancel}
          >
            {gestures.brush && <BrushBox from={gestures.brush.from} to={gestures.brush.to} />}
          </div>
        </div>
        <div className={styles.rows} style={{ height: rows.length * rowHeight }}>
          <Light row={hover?.row ?? null} rowHeight={rowHeight} className={styles.hoverLight} />
          <Light row={activeRow} rowHeight={rowHeight} className={styles.activeLight} />
          <GanttCanvas scene={scene} left={labelWidth} />
          <RowList
            rows={rows}
            first={slice.first}
            count={slice.count}
            rowHeight={rowHeight}
            labelWidth={labelWidth}
            selectedTaskId={props.selectedTaskId}
            now={now}
            showCriticalPath={options.showCriticalPath}
            idPrefix={idPrefix}
            onRow={onRow}
          />
        </div>
        {message && <div className={styles.empty}>{message}</div>}
      </div>
      {hover && hovered && <GanttTooltip row={hovered} position={hover} timeZone={timeZone} now={now} />}
    </>
  );
}

function BrushBox({ from, to }: { from: number; to: number }): ReactElement {
  const styles = useStyles2(chartStyles);
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  return <div className={styles.brush} style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }} />;
}

/** Highlights a row behind its bars. */
function Light({ row, rowHeight, className }: { row: number | null; rowHeight: number; className: string }) {
  return row !== null && <div className={className} style={{ top: row * rowHeight, height: rowHeight }} />;
}

function contentHeight(rows: number, message: string | null): number {
  return rows + (message ? MESSAGE_HEIGHT : 0);
}

/** Draws no rows before the size is known; otherwise it would draw them twice. */
function layoutOf(
  size: Size | null,
  { scrollTop, rowHeight, rows }: Record<'scrollTop' | 'rowHeight' | 'rows', number>,
) {
  const { width, height } = size ?? { width: 0, height: 0 };
  const labelWidth = Math.round(Math.min(280, Math.max(140, width * 0.26)));
  const slice = size ? sliceAt(scrollTop, height, rowHeight, rows) : { first: 0, count: 0 };
  return { height, labelWidth, plotWidth: Math.max(10, width - labelWidth), slice };
}

/** The states in the chart as a sentence, and how to move in it. */
function labelOf({ rows, tasks }: GanttModel): string {
  const states = tasks.length > 0 ? `: ${statesInWords(tasks)}` : '';
  return `${NAMES[rows]}${states}. ${KEYBOARD[rows]}`;
}

/** Screen readers reject a treegrid without rows. */
function treegridRole(rows: number): { role: string; 'aria-rowcount'?: number } {
  return rows > 0 ? { role: 'treegrid', 'aria-rowcount': rows } : { role: 'group' };
}

function emptyMessage(model: GanttModel, rows: number): string | null {
  if (model.tasks.length === 0) return NO_TASKS;
  if (rows === 0) return NOTHING_LEFT;
  return model.start === null ? NOTHING_STARTED : null;
}

function selectionOf(task: GanttTask): TaskSelection {
  const { source, dagId, runId, taskId, mapIndex } = task;
  return { source, dagId, runId, taskId, mapIndex };
}
