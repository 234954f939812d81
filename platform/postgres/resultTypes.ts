import pg from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;
const TEXT = 25;
const VARCHAR = 1043;

/**
 * How values of results are read. Bigints are numbers: ids, transaction ids and microseconds since 1970 are all below 2^53, and a column
 * with larger values must be read as text. Successive rows with the same text in a column share it, so that a large result needs less
 * memory.
 */
export const resultTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => {
    if (oid === INT8) return Number;
    if (oid === INT8_ARRAY) return numbersOf;
    if (oid === TEXT || oid === VARCHAR) return repeatedText();
    return pg.types.getTypeParser(oid, format);
  }) as typeof pg.types.getTypeParser,
};

function numbersOf(array: string): number[] {
  return array.slice(1, -1).split(',').filter(Boolean).map(Number);
}

/** Reads one column of a result. */
function repeatedText(): (text: string) => string {
  let last = '';
  return (text) => (text === last ? last : (last = text));
}
