import type { TestDatabase } from '../postgres/database.ts';
import { addDag, addRun, addScheduler, createRunbeatDatabases, type RowOptions } from './runbeatRows.ts';
import { createExporter, type TestExporter, type TestSettings } from './world.ts';

/** The database of a bundled scheduler that is alive, one for the index, and the exporters that a test starts on them. */
export interface RunbeatWorld {
  source: TestDatabase;
  index: TestDatabase;
  addDag(dagId: string): Promise<void>;
  addRun(runId: string, options?: RowOptions): Promise<number>;
  /** Starts an exporter, which has polled nothing yet. */
  start(settings?: Partial<TestSettings>): Promise<TestExporter>;
  /** Closes the exporters and drops the databases. */
  close(): Promise<void>;
}

export async function openRunbeatWorld(): Promise<RunbeatWorld> {
  const { source, index } = await createRunbeatDatabases();
  await addScheduler(source.pool, 'alpha');
  const exporters: TestExporter[] = [];
  return {
    source,
    index,
    addDag: (dagId) => addDag(source.pool, dagId),
    addRun: (runId, options) => addRun(source.pool, runId, options),
    start: async (settings) => {
      const exporter = await createExporter({ sourceUrl: source.url, indexUrl: index.url, ...settings });
      exporters.push(exporter);
      return exporter;
    },
    close: async () => {
      await Promise.all(exporters.map((exporter) => exporter.close()));
      await Promise.all([source.drop(), index.drop()]);
    },
  };
}
