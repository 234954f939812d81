import { useCallback, useMemo, useState } from 'react';
import { STATES_BY_URGENCY } from '../../data/stateLook.ts';
import type { GanttModel } from './model.ts';
import type { GanttSort } from './options.ts';
import { buildRows, matches, type GanttRow, type RowFilter } from './rows.ts';

export interface RowControl {
  rows: GanttRow[];
  indexOf: ReadonlyMap<string, number>;
  filter: RowFilter;
  setFilter: (filter: RowFilter) => void;
  sort: GanttSort;
  setSort: (sort: GanttSort) => void;
  toggle: (key: string) => void;
  /** Task instances that match the filter. */
  shown: number;
  /** States in the run, the most urgent first; `none` for no status. */
  states: string[];
}

const NO_FILTER: RowFilter = { text: '', states: [] };

/** Applies the user's filter, order and opened groups to the model and returns the rows. */
export function useRows(model: GanttModel, defaultSort: GanttSort, groupMappedAbove: number, now: number): RowControl {
  const [filter, setFilter] = useState<RowFilter>(NO_FILTER);
  const [chosenSort, setSort] = useState<GanttSort | null>(null);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const sort = chosenSort ?? defaultSort;
  const measured = model.live && (sort === 'duration' || sort === 'waiting') ? now : (model.end ?? 0);
  const rows = useMemo(
    () => buildRows(model, { filter, sort, groupMappedAbove, toggled, now: measured }),
    [model, filter, sort, groupMappedAbove, toggled, measured],
  );
  const indexOf = useMemo(() => new Map(rows.map((row, index) => [row.key, index])), [rows]);
  const shown = useMemo(() => model.tasks.filter((task) => matches(task, filter)).length, [model, filter]);
  const states = useMemo(() => statesOf(model), [model]);
  const toggle = useCallback((key: string) => {
    setToggled((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  }, []);
  return { rows, indexOf, filter, setFilter, sort, setSort, toggle, shown, states };
}

function statesOf(model: GanttModel): string[] {
  const present = new Set<string>(model.tasks.map((task) => task.state ?? 'none'));
  return [...STATES_BY_URGENCY, 'none'].filter((state) => present.has(state));
}
