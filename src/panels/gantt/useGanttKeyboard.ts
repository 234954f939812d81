import type { KeyboardEvent, RefObject } from 'react';
import { lastDrawn } from './extent.ts';
import { commandOf, type GanttCommand } from './keyboard.ts';
import type { GanttRow } from './rows.ts';
import type { RowControl } from './useRows.ts';
import type { ZoomControl } from './useTimeWindow.ts';

interface Chart {
  scroller: RefObject<HTMLElement | null>;
  rowHeight: number;
  rowControl: RowControl;
  zoom: ZoomControl;
  now: number;
  activeKey: string | null;
  setActiveKey: (key: string) => void;
  onRow: (row: GanttRow) => void;
}

/** Operates the chart by keyboard. Keys without a command here go on to Grafana. */
export function useGanttKeyboard(chart: Chart): (event: KeyboardEvent) => void {
  const { scroller, rowHeight, rowControl, zoom, activeKey, setActiveKey } = chart;
  const { rows, indexOf } = rowControl;
  return (event) => {
    const at = activeKey === null ? -1 : (indexOf.get(activeKey) ?? -1);
    const row = rows[at];
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const command = commandOf(event, row !== undefined && row.kind !== 'task', page);
    if (!command || (event.key === 'Escape' && !zoom.zoomed)) return;
    event.preventDefault();
    event.stopPropagation();
    const target = targetRow(command, at, rows.length);
    if (target === null) return runCommand(command, row, chart);
    if (!rows[target]) return;
    setActiveKey(rows[target].key);
    bringIntoView(scroller.current, target, rowHeight);
  };
}

function targetRow(command: GanttCommand, at: number, total: number): number | null {
  if (command.do === 'first') return 0;
  if (command.do === 'last') return total - 1;
  if (command.do === 'move') return Math.min(total - 1, Math.max(0, at < 0 ? 0 : at + command.rows));
  return null;
}

function runCommand(command: GanttCommand, row: GanttRow | undefined, chart: Chart): void {
  const { zoom, now, onRow } = chart;
  if (command.do === 'zoom') zoom.zoomAt(command.factor, 0.5);
  else if (command.do === 'pan') zoom.panBy(command.fraction);
  else if (command.do === 'reset') zoom.reset();
  else if (row && command.do === 'choose') onRow(row);
  else if (row && command.do === 'fit') fit(row, zoom, now);
  else if (row) openOrClose(command, row, chart.rowControl);
}

function fit(row: GanttRow, zoom: ZoomControl, now: number): void {
  if (row.kind !== 'task' || row.task.start === null) return;
  zoom.showMoments(row.task.start, lastDrawn(row.task, now) ?? row.task.start);
}

function openOrClose(command: GanttCommand, row: GanttRow, rowControl: RowControl): void {
  if (row.kind === 'task' || (command.do !== 'open' && command.do !== 'close')) return;
  if (row.expanded !== (command.do === 'open')) rowControl.toggle(row.key);
}

function bringIntoView(scroller: HTMLElement | null, row: number, rowHeight: number): void {
  if (!scroller) return;
  const [top, bottom] = [row * rowHeight, (row + 1) * rowHeight];
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  else if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom - scroller.clientHeight;
}
