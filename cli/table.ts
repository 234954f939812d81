import { oneLine } from '../platform/terminal.ts';

/** Formats rows as columns of text. Without rows, returns `none`. */
export function formatTable(header: readonly string[], rows: readonly (readonly unknown[])[], none: string): string {
  if (rows.length === 0) return none;
  const cells = [header, ...rows].map((row) => row.map(cell));
  const widths = header.map((_, at) => Math.max(...cells.map((row) => row[at]!.length)));
  return cells
    .map((row) =>
      row
        .map((text, at) => text.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  return oneLine(String(value));
}
