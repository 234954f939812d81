import type pg from 'pg';

export type Client = Pick<pg.ClientBase, 'query'>;

export async function rowsOf<Row extends object>(
  client: Client,
  sql: string,
  parameters: unknown[] = [],
): Promise<Row[]> {
  const { rows } = await client.query<Row & pg.QueryResultRow>(sql, parameters);
  return rows;
}
