/** A filter for the rows of one source, or for all rows if none is given. */
export function isOf(source: string | undefined): (row: { source: string }) => boolean {
  return (row) => source === undefined || row.source === source;
}
