import { IconButton, Input, MultiCombobox, Combobox, Icon, Tooltip, useStyles2 } from '@grafana/ui';
import { useId, type ReactElement } from 'react';
import { stateLook } from '../../data/stateLook.ts';
import type { GanttSort } from './options.ts';
import type { RowFilter } from './rows.ts';
import { toolbarStyles } from './styles.ts';
import type { ZoomControl } from './useTimeWindow.ts';

const SORTS: { value: GanttSort; label: string }[] = [
  { value: 'start', label: 'Start' },
  { value: 'duration', label: 'Longest running' },
  { value: 'waiting', label: 'Longest waiting' },
  { value: 'name', label: 'Name' },
];

interface Props {
  filter: RowFilter;
  onFilter: (filter: RowFilter) => void;
  sort: GanttSort;
  onSort: (sort: GanttSort) => void;
  /** States present in the run, `none` for no status. */
  states: readonly string[];
  zoom: ZoomControl;
  shown: number;
  total: number;
  notes: readonly string[];
  /** Narrow panels keep the filter and the zoom alone. */
  narrow: boolean;
}

/** What rows there are, in which order, and how close one looks. */
export function GanttToolbar(props: Props): ReactElement {
  const { filter, onFilter, sort, onSort, states, zoom, shown, total, notes, narrow } = props;
  const styles = useStyles2(toolbarStyles);
  // Labels of their own: in Grafana 12 these fields drop an aria-label.
  const statesId = useId();
  const orderId = useId();
  const options = states.map((state) => ({ value: state, label: stateLook(state === 'none' ? null : state).label }));
  return (
    <div className={styles.bar} role="toolbar" aria-label="Gantt">
      <div className={styles.search}>
        <Input
          aria-label="Filter tasks"
          placeholder="Filter tasks"
          prefix={<Icon name="search" />}
          value={filter.text}
          onChange={(event) => onFilter({ ...filter, text: event.currentTarget.value })}
        />
      </div>
      {!narrow && (
        <>
          <div className={styles.states}>
            <label htmlFor={statesId} className={styles.unseen}>
              States
            </label>
            <MultiCombobox
              id={statesId}
              placeholder="All states"
              options={options}
              value={[...filter.states]}
              onChange={(chosen) => onFilter({ ...filter, states: chosen.map((option) => option.value) })}
            />
          </div>
          <div className={styles.sort}>
            <label htmlFor={orderId} className={styles.unseen}>
              Order
            </label>
            <Combobox id={orderId} options={SORTS} value={sort} onChange={(chosen) => onSort(chosen.value)} />
          </div>
        </>
      )}
      <span className={styles.count} role="status">
        {shown === total
          ? `${total.toLocaleString('en')} task instances`
          : `${shown.toLocaleString('en')} of ${total.toLocaleString('en')}`}
      </span>
      {notes.length > 0 && (
        <Tooltip
          content={
            <>
              {notes.map((note) => (
                <p key={note}>{note}</p>
              ))}
            </>
          }
        >
          <button type="button" className={styles.notes} aria-label={`Notes: ${notes.join('; ')}`}>
            <Icon name="info-circle" />
          </button>
        </Tooltip>
      )}
      <div className={styles.zoom}>
        <IconButton
          name="search-minus"
          size="lg"
          tooltip="Zoom out (−)"
          disabled={!zoom.zoomed}
          onClick={() => zoom.zoomAt(2, 0.5)}
        />
        <IconButton name="search-plus" size="lg" tooltip="Zoom in (+)" onClick={() => zoom.zoomAt(0.5, 0.5)} />
        <IconButton name="arrows-h" size="lg" tooltip="Whole run (0)" disabled={!zoom.zoomed} onClick={zoom.reset} />
      </div>
    </div>
  );
}
