import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it } from 'vitest';
import { DataTable, type Column } from '../../../src/components/DataTable.tsx';
import { sortRows } from '../../../src/components/sortRows.ts';

interface Row {
  id: string;
  seconds: number | null;
}

const COLUMNS: Column<Row>[] = [
  { id: 'id', header: 'Id', cell: (row) => row.id, sortValue: (row) => row.id },
  { id: 'seconds', header: 'Seconds', cell: (row) => row.seconds, align: 'right', sortValue: (row) => row.seconds },
];
const show = (rows: Row[], pageSize?: number) =>
  render(<DataTable label="Things" columns={COLUMNS} rows={rows} rowKey={(row) => row.id} pageSize={pageSize} />);
const ids = () =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map((row) => within(row).getAllByRole('cell')[0]!.textContent);

describe('DataTable', () => {
  it('sorts by a header, reverses the order at the second click, and announces the order', async () => {
    show([
      { id: 'a', seconds: 2 },
      { id: 'b', seconds: null },
      { id: 'c', seconds: 10 },
    ]);
    const header = screen.getByRole('button', { name: 'Sort column Seconds' });
    await userEvent.click(header);
    expect(ids()).toEqual(['c', 'a', 'b']);
    expect(screen.getByRole('columnheader', { name: /Seconds/ }).getAttribute('aria-sort')).toBe('descending');
    await userEvent.click(header);
    expect(ids()).toEqual(['a', 'c', 'b']);
    await userEvent.click(header);
    expect(ids(), 'as given').toEqual(['a', 'b', 'c']);
  });

  it('sorts text from A to Z first, even by keyboard', async () => {
    show([
      { id: 'b', seconds: 2 },
      { id: 'a', seconds: 1 },
    ]);
    await userEvent.tab();
    await userEvent.keyboard('{Enter}');
    expect(ids()).toEqual(['a', 'b']);
  });

  it('shows a row by the columns of the present render, and keeps its cells', () => {
    const table = (suffix: string) => (
      <DataTable
        label="Things"
        columns={[{ id: 'id', header: 'Id', cell: (row: Row) => <button>{row.id + suffix}</button> }]}
        rows={[{ id: 'a', seconds: 1 }]}
        rowKey={(row) => row.id}
      />
    );
    const { rerender } = render(table(''));
    const cell = screen.getByRole('button');
    rerender(table('!'));
    expect(screen.getByRole('button')).toBe(cell);
    expect(cell.textContent).toBe('a!');
  });

  it('finds rows on other pages by their text, and needs no field for a single page', async () => {
    const rows = Array.from({ length: 25 }, (_, at) => ({ id: `row ${at}`, seconds: at }));
    const table = (pageSize: number) => (
      <DataTable
        {...{ label: 'Things', columns: COLUMNS, rows, pageSize }}
        rowKey={(row) => row.id}
        searchText={(row) => row.id}
      />
    );
    const { rerender } = render(table(10));
    await userEvent.type(screen.getByLabelText('Find in Things'), 'ROW 24');
    expect(ids()).toEqual(['row 24']);
    expect(screen.getByText('1 of 25')).toBeTruthy();
    rerender(table(25));
    expect(screen.queryByLabelText('Find in Things')).toBeNull();
    expect(ids()).toHaveLength(25);
  });

  it('has pages, and returns to an existing page when rows disappear', async () => {
    const rows = Array.from({ length: 25 }, (_, at) => ({ id: `row ${at}`, seconds: at }));
    const { rerender } = show(rows, 10);
    await userEvent.click(screen.getByRole('button', { name: '3' }));
    expect(ids()).toHaveLength(5);
    rerender(
      <DataTable label="Things" columns={COLUMNS} rows={rows.slice(0, 3)} rowKey={(row) => row.id} pageSize={10} />,
    );
    expect(ids()).toEqual(['row 0', 'row 1', 'row 2']);
  });
});

it('sorts words as people do, and keeps the order of equals', () => {
  const rows = [{ id: 'task_10' }, { id: 'task_9' }, { id: 'Task_9' }];
  const sorted = sortRows(rows, [{ id: 'id', sortValue: (row) => row.id }], { id: 'id', descending: false });
  expect(sorted.map((row) => row.id).at(-1)).toBe('task_10');
});
