import { Logger, makeWorkerUtils, runTaskList } from 'graphile-worker';
import { createPool } from '../scheduler/store/database.ts';

const JOBS = 12_000;

/**
 * What the queue does by itself: graphile-worker with jobs that do nothing but stamp a row when they start and when they
 * end, each in a commit of its own. Jobs a second.
 */
export async function measureQueueLimit(databaseUrl: string): Promise<number> {
  const pool = createPool(databaseUrl, 'runbeat bench limit', 20);
  await pool.query(
    'create table public.bench_stamp (id int primary key, start_date timestamptz, end_date timestamptz)',
  );
  await pool.query('insert into public.bench_stamp select generate_series(1, $1::int)', [JOBS]);
  const utils = await makeWorkerUtils({ pgPool: pool });
  await utils.addJobs(
    Array.from({ length: JOBS }, (_, at) => ({ identifier: 'bench_stamp', payload: { id: at + 1 } })),
  );
  await utils.release();
  const started = performance.now();
  await new Promise<void>((resolve, reject) => {
    let left = JOBS;
    const stamp = async (payload: unknown): Promise<void> => {
      const { id } = payload as { id: number };
      await pool.query({
        name: 'stamp_start',
        text: 'update public.bench_stamp set start_date = clock_timestamp() where id = $1',
        values: [id],
      });
      await pool.query({
        name: 'stamp_end',
        text: 'update public.bench_stamp set end_date = clock_timestamp() where id = $1',
        values: [id],
      });
      if (--left === 0) resolve();
    };
    const preset = {
      worker: { concurrentJobs: 24, localQueue: { size: 200 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    };
    const workers = runTaskList(
      { preset, noHandleSignals: true, logger: new Logger(() => () => undefined) },
      { bench_stamp: stamp },
      pool,
    );
    workers.promise.catch(reject);
    stopper = async () => {
      await workers.gracefulShutdown('done');
    };
  });
  const seconds = (performance.now() - started) / 1000;
  await stopper();
  await pool.query('drop table public.bench_stamp');
  await pool.end();
  return JOBS / seconds;
}

let stopper: () => Promise<void> = async () => undefined;
