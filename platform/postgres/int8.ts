import pg from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;
const TEXT = 25;
const VARCHAR = 1043;

/**
 * Reads bigint columns as numbers. Ids, transaction ids and microseconds since 1970 are all below 2^53. A column with larger values must
 * be read as text.
 */
export const int8AsNumber: pg.CustomTypesConfig = {
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

/** For one column of a result: successive rows with the same text share it, so that a large result needs less memory. */
function repeatedText(): (text: string) => string {
  let last = '';
  return (text) => (text === last ? last : (last = text));
}
