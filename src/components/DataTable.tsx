import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Icon, Input, Pagination, useStyles2 } from '@grafana/ui';
import { useMemo, useState, type ReactNode } from 'react';
import { sortRows, type SortOrder, type SortValue } from './sortRows.ts';

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Makes the column sortable; null sorts last either way. */
  sortValue?: (row: Row) => SortValue;
  align?: 'right';
  /** Left out on a narrow screen. */
  secondary?: boolean;
}

interface Props<Row> {
  /** What the table holds, for those who can't see it. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  initialSort?: SortOrder;
  pageSize?: number;
  /** What a row is found by; rows on several pages get a field for it. */
  searchText?: (row: Row) => string;
}

/** A table that sorts and pages; on a narrow screen each row becomes a card with the headers as labels. */
export function DataTable<Row>({ label, columns, rows, rowKey, initialSort, pageSize = 50, searchText }: Props<Row>) {
  const styles = useStyles2(getStyles);
  const [sort, setSort] = useState(initialSort);
  const [chosenPage, setPage] = useState(1);
  const [wanted, setWanted] = useState('');
  const searches = searchText && rows.length > pageSize;
  const found = searches && wanted ? rows.filter((row) => searchText(row).toLowerCase().includes(wanted)) : rows;
  const sorted = useMemo(() => sortRows(found, columns, sort), [found, columns, sort]);
  const pages = Math.max(1, Math.ceil(sorted.length / pageSize));
  const page = Math.min(chosenPage, pages);
  return (
    <div className={styles.frame}>
      {searches && (
        <Input
          className={styles.search}
          prefix={<Icon name="search" />}
          suffix={wanted && `${found.length.toLocaleString('en')} of ${rows.length.toLocaleString('en')}`}
          placeholder={`Find in ${rows.length.toLocaleString('en')}`}
          aria-label={`Find in ${label}`}
          onChange={(event) => setWanted(event.currentTarget.value.trim().toLowerCase())}
        />
      )}
      <div className={styles.scroll} role="region" aria-label={label} tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr>
              {columns.map((column) => (
                <HeaderCell key={column.id} column={column} sort={sort} onSort={setSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.slice((page - 1) * pageSize, page * pageSize).map((row) => (
              <tr key={rowKey(row)}>
                {columns.map((column) => (
                  <td
                    key={column.id}
                    data-label={column.header}
                    className={cx(column.align === 'right' && styles.right, column.secondary && styles.secondary)}
                  >
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages > 1 && <Pagination currentPage={page} numberOfPages={pages} onNavigate={setPage} />}
    </div>
  );
}

interface HeaderProps<Row> {
  column: Column<Row>;
  sort: SortOrder | undefined;
  onSort: (sort: SortOrder) => void;
}

function HeaderCell<Row>({ column, sort, onSort }: HeaderProps<Row>) {
  const styles = useStyles2(getStyles);
  const descending = sort?.id === column.id ? sort.descending : undefined;
  const direction = descending === undefined ? 'none' : descending ? 'descending' : 'ascending';
  return (
    <th scope="col" aria-sort={column.sortValue && direction} className={cx(column.align === 'right' && styles.right)}>
      {column.sortValue ? (
        <button
          type="button"
          className={styles.sortButton}
          onClick={() => onSort({ id: column.id, descending: descending === undefined ? true : !descending })}
        >
          {column.header}
          {descending !== undefined && <Icon name={descending ? 'arrow-down' : 'arrow-up'} size="sm" aria-hidden />}
        </button>
      ) : (
        column.header
      )}
    </th>
  );
}

const NARROW = '@container (max-width: 620px)';

const getStyles = (theme: GrafanaTheme2) => ({
  frame: css({ containerType: 'inline-size', display: 'flex', flexDirection: 'column', gap: theme.spacing(1) }),
  scroll: css({ overflowX: 'auto' }),
  search: css({ maxWidth: 320 }),
  right: css({ textAlign: 'right !important' as 'right', fontVariantNumeric: 'tabular-nums' }),
  secondary: css({ [NARROW]: { display: 'none !important' } }),
  sortButton: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    padding: 0,
    border: 0,
    background: 'none',
    font: 'inherit',
    color: 'inherit',
    '&:hover': { color: theme.colors.text.primary },
  }),
  table: css({
    width: '100%',
    borderCollapse: 'collapse',
    th: {
      padding: theme.spacing(0.75, 1.5, 0.75, 0),
      textAlign: 'left',
      whiteSpace: 'nowrap',
      fontSize: theme.typography.bodySmall.fontSize,
      fontWeight: theme.typography.fontWeightMedium,
      color: theme.colors.text.secondary,
      borderBottom: `1px solid ${theme.colors.border.medium}`,
    },
    td: {
      padding: theme.spacing(0.75, 1.5, 0.75, 0),
      verticalAlign: 'middle',
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    },
    'tbody tr:hover': { background: theme.colors.action.hover },
    [NARROW]: {
      '&, tbody, tr, td': { display: 'block' },
      thead: { display: 'none' },
      tr: { padding: theme.spacing(1, 0), borderBottom: `1px solid ${theme.colors.border.medium}` },
      td: {
        display: 'grid',
        gridTemplateColumns: 'minmax(96px, 30%) 1fr',
        justifyItems: 'start',
        gap: theme.spacing(1),
        padding: theme.spacing(0.25, 0),
        border: 0,
        textAlign: 'left !important' as 'left',
        overflowWrap: 'anywhere',
      },
      'td::before': { content: 'attr(data-label)', color: theme.colors.text.secondary },
    },
  }),
});
