import pg from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;

/**
 * Answers bigint columns as numbers. Ids, transaction ids and microseconds since 1970 all stay below 2^53; a column that
 * may hold more is read as text.
 */
export const int8AsNumber: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') => {
    if (oid === INT8) return Number;
    if (oid === INT8_ARRAY) return numbersOf;
    return pg.types.getTypeParser(oid, format);
  }) as typeof pg.types.getTypeParser,
};

function numbersOf(array: string): number[] {
  return array.slice(1, -1).split(',').filter(Boolean).map(Number);
}
