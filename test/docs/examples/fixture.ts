import type { TestDatabase } from '../../postgres/database.ts';

export async function load(database: TestDatabase): Promise<void> {
  const { loadFixture } = await import('../../airflow/lab/fixture.ts');
  await loadFixture(database.url, 'airflow-3.1.8', { takenAt: new Date() }); // as if it had been taken now
}
