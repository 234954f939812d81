import { afterEach } from 'vitest';
import { createTestDatabase, type DatabaseTraits, type TestDatabase } from './database.ts';

/** Returns a function that creates databases, which are dropped after each test of the calling file. */
export function databasesOfTest(): (traits?: DatabaseTraits) => Promise<TestDatabase> {
  const databases: TestDatabase[] = [];
  afterEach(async () => {
    for (const created of databases.splice(0)) await created.drop();
  });
  return async (traits) => {
    const created = await createTestDatabase(traits);
    databases.push(created);
    return created;
  };
}
