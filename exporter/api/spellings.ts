import { plainNumber } from '../../platform/json.ts';

/**
 * The values to look up in the index, mapped to the requested values. Each value is looked up as it is, because it may be a
 * text. A number in another spelling (`1.0`) is also looked up in the spelling of the index.
 */
export function spellingsOf(asked: readonly string[]): ReadonlyMap<string, string> {
  const spellings = new Map(asked.map((value) => [value, value]));
  for (const value of asked) {
    const plain = plainNumber(value);
    if (plain !== null && !spellings.has(plain)) spellings.set(plain, value);
  }
  return spellings;
}

/** At most `limit` rows, with each run once per requested value, and the last of the rows that these were chosen from. */
export function onePerAsked<Row extends { source_id: number; id: number; value: string }>(
  rows: readonly Row[],
  spellings: ReadonlyMap<string, string>,
  limit: number,
): { shown: Row[]; last: Row | undefined; hasMore: boolean } {
  const shown = new Map<string, Row>();
  let last: Row | undefined;
  for (const row of rows) {
    const asked = spellings.get(row.value) ?? row.value;
    const name = `${row.source_id} ${row.id} ${asked}`;
    if (!shown.has(name) && shown.size === limit) return { shown: [...shown.values()], last, hasMore: true };
    if (!shown.has(name)) shown.set(name, { ...row, value: asked });
    last = row;
  }
  return { shown: [...shown.values()], last, hasMore: false };
}
