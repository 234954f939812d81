import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { makeWorkerUtils } from 'graphile-worker';
import { createPool } from '../scheduler/store/database.ts';
import { processorSeconds } from './process.ts';
import type { Load } from './sustained.ts';

const WORKER = fileURLToPath(new URL('./peerWorker.ts', import.meta.url));
/** Number of jobs that are added together: as many as our runs have tasks. */
const BATCH = 1_600;
const BACKLOG = 2_400;

export interface PeerQueue {
  load: Omit<Load, 'processorSeconds'>;
  /** CPU time that its workers have used so far. */
  processorSeconds(): number;
  /** Stops its workers and removes its tables. */
  close(): Promise<void>;
}

/**
 * graphile-worker alone, with the same number of worker processes and concurrent jobs, and the same grouping of commits as ours. It does
 * not schedule: its jobs have no dependencies. As in our passes that only queue, adding jobs does not wait for the disk; starts and ends
 * do.
 */
export async function openPeerQueue(databaseUrl: string, workers: number, concurrency: number): Promise<PeerQueue> {
  const pool = createPool(databaseUrl, 'runbeat bench peer', 2, { unlimited: true });
  await pool.query(
    'create table public.bench_stamp (id bigint generated always as identity primary key, start_date timestamptz, end_date timestamptz)',
  );
  await pool.query('create index on public.bench_stamp (id) where end_date is null');
  const adding = createPool(databaseUrl, 'runbeat bench peer', 1, { unlimited: true });
  adding.on('connect', (client) => void client.query('set synchronous_commit = off'));
  const utils = await makeWorkerUtils({ pgPool: adding });
  await utils.migrate();
  const children = Array.from({ length: workers }, () => startWorker(databaseUrl, concurrency));
  const count = async (condition: string): Promise<number> =>
    (await pool.query<{ count: number }>(`select count(*)::int as count from public.bench_stamp where ${condition}`))
      .rows[0]!.count;
  const left = (): Promise<number> => count('end_date is null');
  const feed = async (): Promise<void> => {
    if ((await left()) >= BACKLOG) return;
    const { rows } = await pool.query<{ id: number }>(
      'insert into public.bench_stamp (start_date) select null from generate_series(1, $1::int) returning id',
      [BATCH],
    );
    await utils.addJobs(rows.map(({ id }) => ({ identifier: 'bench_stamp', payload: { id } })));
  };
  return {
    load: { feed, left, done: () => count('end_date is not null') },
    processorSeconds: () => children.reduce((sum, { pid }) => sum + processorSeconds(pid!), 0),
    close: async () => {
      await Promise.all(children.map(endWorker));
      await utils.release();
      await adding.end();
      await pool.query('drop table public.bench_stamp; drop schema graphile_worker cascade');
      await pool.end();
    },
  };
}

function startWorker(databaseUrl: string, concurrency: number): ChildProcess {
  return spawn(process.execPath, ['--import', import.meta.resolve('tsx'), WORKER, databaseUrl, String(concurrency)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

async function endWorker(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
