import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../../platform/postgres/embedded.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the test server's maintenance database. */
    postgresUrl: string;
  }
}

/** One real PostgreSQL for the whole run; each test file creates its own database on it (database.ts). */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Another server, to run the same tests against other versions of PostgreSQL.
  const external = process.env.RUNBEAT_TEST_POSTGRES_URL;
  if (external) {
    project.provide('postgresUrl', external);
    return async () => undefined;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-test-'));
  chmodSync(folder, 0o755);
  const postgres = await startEmbedded({ dataDir: path.join(folder, 'data'), durable: false });
  project.provide('postgresUrl', postgres.adminUrlOf('postgres'));
  return async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
