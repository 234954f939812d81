import { Logger, runTaskList } from 'graphile-worker';
import { createPool } from '../scheduler/store/database.ts';
import { GroupCommit } from '../scheduler/services/groupCommit.ts';

/**
 * A worker of the peer as a separate process: graphile-worker with as many concurrent jobs as one of our workers, taken and completed in
 * batches. A job records its start and its end; records that occur together share a commit, as ours do.
 */
const [databaseUrl, concurrency] = process.argv.slice(2) as [string, string];
const pool = createPool(databaseUrl, 'runbeat bench peer', 8);

const stamps = (column: 'start_date' | 'end_date'): GroupCommit<number, void> =>
  new GroupCommit({
    write: async (ids) => {
      const text = `update public.bench_stamp set ${column} = clock_timestamp() where id = any($1::bigint[])`;
      await pool.query({ name: column, text, values: [ids] });
      return ids.map(() => undefined);
    },
    isItemFault: () => false,
  });
const starts = stamps('start_date');
const ends = stamps('end_date');

async function stamp(payload: unknown): Promise<void> {
  const { id } = payload as { id: number };
  await starts.add(id);
  await ends.add(id);
}

const worker = {
  concurrentJobs: Number(concurrency),
  localQueue: { size: 2 * Number(concurrency) },
  completeJobBatchDelay: 1,
  failJobBatchDelay: 1,
};
const silent = new Logger(() => () => undefined);
process.on('disconnect', () => process.exit(0));
await runTaskList({ preset: { worker }, noHandleSignals: true, logger: silent }, { bench_stamp: stamp }, pool).promise;
