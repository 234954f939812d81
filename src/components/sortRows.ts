export type SortValue = string | number | null;

export interface SortOrder {
  /** Id of the column. */
  id: string;
  descending: boolean;
}

interface Sortable<Row> {
  id: string;
  sortValue?: (row: Row) => SortValue;
}

const WORDS = new Intl.Collator('en', { numeric: true });

/** Sorts rows (stable). Rows without a value come last in both directions. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Sortable<Row>[],
  order: SortOrder | undefined,
): readonly Row[] {
  const valueOf = columns.find((column) => column.id === order?.id)?.sortValue;
  if (!order || !valueOf) return rows;
  const sign = order.descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: valueOf(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      return sign * compare(a.value, b.value);
    })
    .map(({ row }) => row);
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : WORDS.compare(String(a), String(b));
}
