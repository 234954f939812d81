import { Icon, IconButton, Tooltip, useStyles2 } from '@grafana/ui';
import { memo, type ReactElement } from 'react';
import { GanttFilters, type GanttFiltersProps } from './GanttFilters.tsx';
import type { GanttModel } from './model.ts';
import { toolbarStyles } from './styles.ts';
import type { ZoomControl } from './useTimeWindow.ts';

interface Props extends GanttFiltersProps {
  rows: GanttModel['rows'];
  zoomed: boolean;
  onZoom: ZoomControl['zoomAt'];
  onReset: () => void;
  shown: number;
  total: number;
  notes: readonly string[];
}

/** Which rows are shown, their order, and the zoom. Does not render again while a wheel zooms. */
export const GanttToolbar = memo(function GanttToolbar(props: Props): ReactElement {
  const { filter, onFilter, sort, onSort, states, zoomed, onZoom, onReset, shown, total, notes, narrow, rows } = props;
  const styles = useStyles2(toolbarStyles);
  return (
    <div className={styles.bar} role="toolbar" aria-label="Gantt">
      <GanttFilters
        rows={rows}
        filter={filter}
        onFilter={onFilter}
        sort={sort}
        onSort={onSort}
        states={states}
        narrow={narrow}
      />
      <span className={styles.count} role="status">
        {shown === total
          ? `${total.toLocaleString('en')} ${rows === 'runs' ? 'runs' : 'task instances'}`
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
          disabled={!zoomed}
          onClick={() => onZoom(2, 0.5)}
        />
        <IconButton name="search-plus" size="lg" tooltip="Zoom in (+)" onClick={() => onZoom(0.5, 0.5)} />
        <IconButton
          name="arrows-h"
          size="lg"
          tooltip={rows === 'runs' ? 'Whole journey (0)' : 'Whole run (0)'}
          disabled={!zoomed}
          onClick={onReset}
        />
      </div>
    </div>
  );
});
