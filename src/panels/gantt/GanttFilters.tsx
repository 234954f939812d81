import { Combobox, Icon, Input, MultiCombobox, useStyles2 } from '@grafana/ui';
import { memo, useId, type ReactElement } from 'react';
import { stateLook } from '../../data/stateLook.ts';
import type { GanttModel } from './model.ts';
import type { GanttSort } from './options.ts';
import type { RowFilter } from './rows.ts';
import { toolbarStyles } from './styles.ts';

const SORTS: { value: GanttSort; label: string }[] = [
  { value: 'start', label: 'By start' },
  { value: 'duration', label: 'Longest running first' },
  { value: 'waiting', label: 'Longest waiting first' },
  { value: 'name', label: 'By name' },
];

export interface GanttFiltersProps {
  rows: GanttModel['rows'];
  filter: RowFilter;
  onFilter: (filter: RowFilter) => void;
  sort: GanttSort;
  onSort: (sort: GanttSort) => void;
  /** States in the run; `none` for no status. */
  states: readonly string[];
  /** Narrow panels show only the text field. */
  narrow: boolean;
}

/** Selects which rows are shown, and in which order. */
export const GanttFilters = memo(function GanttFilters(props: GanttFiltersProps): ReactElement {
  const { rows, filter, onFilter, sort, onSort, states, narrow } = props;
  const styles = useStyles2(toolbarStyles);
  // These fields need their own labels: in Grafana 12 they drop an aria-label.
  const statesId = useId();
  const orderId = useId();
  const options = states.map((state) => ({ value: state, label: stateLook(state === 'none' ? null : state).label }));
  return (
    <>
      <div className={styles.search}>
        <Input
          aria-label={`Filter ${rows}`}
          placeholder={`Filter ${rows}`}
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
    </>
  );
});
