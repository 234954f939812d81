/** SQLSTATE codes of problems that users can solve, with an explanation. */
const ADVICE: Readonly<Record<string, string>> = {
  '28P01': 'the password is wrong',
  '28000': 'the role may not log in here',
  '3D000': 'there is no such database',
  '42501': 'the role lacks a right, which the files in docs/sql grant',
  '42P01': 'a table is missing; the database has changed, or is being upgraded',
  '42703': 'a column is missing; the database has changed, or is being upgraded',
  '57014': 'a query took too long and was cancelled (RUNBEAT_STATEMENT_TIMEOUT)',
  '55P03': 'a table is locked',
  '57P01': 'the server ended the connection',
  '57P03': 'the server is starting or stopping',
  '53300': 'the server has no connection left',
};

/** Missing right, time limit, lock: these errors don't mean that the database is another one. */
const SAME_DATABASE = ['42501', '57014', '55P03'];

/** Whether the error may mean that the source was replaced or upgraded: it, or a part of it, is missing. */
export function mayBeAnotherDatabase(error: unknown): boolean {
  return !SAME_DATABASE.includes((error as { code?: string }).code ?? '');
}

/** Whether a table or its schema is missing. */
export function isMissingSchema(error: unknown): boolean {
  return ['42P01', '3F000'].includes((error as { code?: string }).code ?? '');
}

/** Whether a text has a character that the encoding of the database lacks, so no row can contain it. */
export function isUntranslatable(error: unknown): boolean {
  return (error as { code?: string }).code === '22P05';
}

/** An error as one line, without passwords or a stack trace. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return describeError(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'ECONNREFUSED') return `nothing answers at ${address}:${port}`;
  if (code === 'ENOTFOUND') return 'the host name is unknown';
  // PgBouncer uses the same code for everything that it refuses.
  if (code === '08P01' && /statement pooling/.test(error.message))
    return `${error.message} (the exporter reads in transactions: set pool_mode = transaction for this database in PgBouncer)`;
  const advice = code ? ADVICE[code] : undefined;
  return advice ? `${error.message} (${advice})` : error.message;
}
