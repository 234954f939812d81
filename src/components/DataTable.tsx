import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, Input, InteractiveTable, Pagination, useStyles2, type FetchDataArgs } from '@grafana/ui';
import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';
import { sortRows, type SortOrder, type SortValue } from './sortRows.ts';
import { useTableStyle } from './tableStyle.ts';

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Makes the column sortable; null sorts last either way. */
  sortValue?: (row: Row) => SortValue;
  align?: 'right';
  /** Whether the column is hidden if the table is narrow. */
  secondary?: boolean;
}

interface Props<Row> {
  /** Accessible name of the table. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  initialSort?: SortOrder;
  pageSize?: number;
  /** Text of a row for searching. If the rows need several pages, there is a search field. */
  searchText?: (row: Row) => string;
}

/**
 * Grafana's table with one page of rows. Sorting, searching and paging are done here: rows without a value come last, and new data does
 * not change the page. If the table is narrow, each row is a card with the headers as labels.
 */
export function DataTable<Row>(props: Props<Row>) {
  const { label, columns, rows, rowKey, initialSort, pageSize = 50, searchText } = props;
  const styles = useStyles2(getStyles);
  const tableStyle = useTableStyle(columns);
  const [sort, setSort] = useState(initialSort);
  const [chosenPage, setPage] = useState(1);
  const [wanted, setWanted] = useState('');
  const searches = searchText && rows.length > pageSize;
  const query = searches ? wanted : '';
  // Columns are created at each render, but only differ in how they show a row, so they don't require sorting again.
  const sorted = useMemo(
    () => sortRows(query ? rows.filter((row) => matches(searchText!(row), query)) : rows, columns, sort),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [rows, query, sort],
  );
  const pages = Math.max(1, Math.ceil(sorted.length / pageSize));
  const page = Math.min(chosenPage, pages);
  const shown = useMemo(
    () => sorted.slice((page - 1) * pageSize, page * pageSize).map((row) => ({ row })),
    [sorted, page, pageSize],
  );
  const onSort = useCallback(({ sortBy: [by] }: FetchDataArgs<Shown>) => {
    const next = by && { id: by.id, descending: by.desc ?? false };
    setSort((last) => (last?.id === next?.id && last?.descending === next?.descending ? last : next));
  }, []);
  return (
    <div className={styles.frame} role="region" aria-label={label}>
      {searches && (
        <Input
          className={styles.search}
          prefix={<Icon name="search" />}
          suffix={wanted && `${sorted.length.toLocaleString('en')} of ${rows.length.toLocaleString('en')}`}
          placeholder={`Find in ${rows.length.toLocaleString('en')}`}
          aria-label={`Find in ${label}`}
          onChange={(event) => setWanted(event.currentTarget.value.trim().toLowerCase())}
        />
      )}
      <ColumnsContext.Provider value={columns as readonly Column<unknown>[]}>
        <InteractiveTable<Shown>
          className={tableStyle}
          columns={useShownColumns(columns)}
          data={shown}
          getRowId={({ row }) => rowKey(row as Row)}
          initialSortBy={initialSort && [{ id: initialSort.id, desc: initialSort.descending }]}
          fetchData={onSort}
        />
      </ColumnsContext.Provider>
      {pages > 1 && <Pagination currentPage={page} numberOfPages={pages} onNavigate={setPage} />}
    </div>
  );
}

function matches(text: string, query: string): boolean {
  return text.toLowerCase().includes(query);
}

interface Shown {
  row: unknown;
}

/** The columns of the present render. They are passed by context, because Grafana's table remounts every cell if its columns change. */
const ColumnsContext = createContext<readonly Column<unknown>[]>([]);

function Cell({ row, column }: { row: { original: Shown }; column: { id: string } }) {
  const shown = useContext(ColumnsContext).find(({ id }) => id === column.id);
  return <>{shown?.cell(row.original.row)}</>;
}

/** Columns in the format of Grafana's table. The objects stay the same as long as their contents do. */
function useShownColumns<Row>(columns: readonly Column<Row>[]) {
  const key = JSON.stringify(columns.map(({ id, header, align, sortValue }) => [id, header, align, !!sortValue]));
  return useMemo(
    () =>
      (JSON.parse(key) as [string, string, string | null, boolean][]).map(([id, header, align, sorts]) => ({
        id,
        header,
        cell: Cell,
        ...(sorts && { sortType: 'alphanumeric' as const, sortDescFirst: align === 'right' }),
      })),
    [key],
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  frame: css({ containerType: 'inline-size', display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  search: css({ maxWidth: 320 }),
});
