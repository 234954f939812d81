/** Keeps to the rows of one source; to all where none is named. */
export function isOf(source: string | undefined): (row: { source: string }) => boolean {
  return (row) => source === undefined || row.source === source;
}
