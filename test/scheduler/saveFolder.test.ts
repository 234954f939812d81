import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveFolder } from '../../scheduler/store/dags.ts';
import { addDag, prepareRunbeat } from '../exporter/runbeatRows.ts';
import { createTestDatabase, type TestDatabase } from '../postgres/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await prepareRunbeat(database.url, database.pool);
});
afterAll(() => database.drop());

it('a folder that can’t be read keeps its DAGs, and only those', async () => {
  for (const [dagId, fileloc] of [
    ['inside', 'team/deep/a.ts'],
    ['beside', 'teams/b.ts'],
  ]) {
    await addDag(database.pool, dagId!);
    await database.pool.query('update runbeat.dag set fileloc = $2 where dag_id = $1', [dagId, fileloc]);
  }
  await saveFolder(database.pool, [{ fileloc: 'team', message: "team: the folder can't be read (EACCES)" }], []);
  const { rows } = await database.pool.query('select dag_id from runbeat.dag where not is_stale');
  expect(rows).toEqual([{ dag_id: 'inside' }]);
  const errors = await database.pool.query('select fileloc from runbeat.import_error');
  expect(errors.rows).toEqual([{ fileloc: 'team' }]);
});
