import { randomBytes } from 'node:crypto';
import { createRuns } from '../scheduler/store/createRuns.ts';
import { percentile, judged, spread, type BenchOptions, type Figure } from './figure.ts';
import { measureIdle } from './idle.ts';
import { measureLanes } from './lanes.ts';
import { openPeerQueue, type PeerQueue } from './peerQueue.ts';
import { familySeconds, processorSeconds, residentMegabytes } from './process.ts';
import { openLab, round, untilKnown, type SchedulerLab } from './schedulerLab.ts';
import { alternatingRates, type Rate } from './sustained.ts';

const WORKERS = 2;
const CONCURRENCY = 100;
/** Minimum ratio to the peer's rate. The peer only queues, and ours also schedules. */
const LIMIT = 1.5;
const FEED = 40;
/** Number of unfinished runs to keep, so that there is always something to do. */
const BACKLOG = 60;

const WIDE = `import { dag } from 'runbeat';
export default dag('wide', { maxActiveRuns: 1000, maxActiveTasks: 10000 }, (build) => {
  const first = build.task('first', {}, () => undefined);
  const middle = Array.from({ length: 38 }, (_, at) => build.task('task_' + at, { after: first }, () => undefined));
  build.task('last', { after: middle }, () => undefined);
});`;

/** Sustained finished task instances per second, through scheduler, queue and workers. */
export async function run(_options: BenchOptions, print: (figure: Figure) => void): Promise<void> {
  const lab = await openLab({ 'wide.ts': WIDE });
  try {
    const peer = await openPeerQueue(lab.config.databaseUrl, WORKERS, CONCURRENCY);
    try {
      await compare(lab, peer, print);
    } finally {
      await peer.close();
    }
  } finally {
    await lab.stop();
  }
  await measureLanes(print);
  await measureIdle(print);
}

async function compare(lab: SchedulerLab, peer: PeerQueue, print: (figure: Figure) => void): Promise<void> {
  const scheduler = await lab.start('SchedulerJob', ['scheduler']);
  await lab.pool.query("update runbeat.slot_pool set slots = -1 where pool = 'default_pool'");
  const services = [scheduler];
  for (let at = 0; at < WORKERS; at++)
    services.push(await lab.start('WorkerJob', ['worker', '--concurrency', String(CONCURRENCY)]));
  await untilKnown(lab.pool, ['wide']);
  const server = (): number => familySeconds(lab.serverPid);
  const rates = await alternatingRates([
    {
      feed: () => feed(lab),
      done: () => countOf(lab, "task_instance where state = 'success'"),
      left: () => activeRuns(lab),
      processorSeconds: () => server() + services.reduce((sum, { pid }) => sum + processorSeconds(pid!), 0),
    },
    { ...peer.load, processorSeconds: () => server() + peer.processorSeconds() },
  ]);
  report(rates[0]!, rates[1]!, print);
  const rss = residentMegabytes(scheduler.pid!);
  const vs = 'the scheduler after that load';
  print({ bench: 'throughput', metric: 'loaded_rss_mb', value: round(rss), unit: 'MB', vs });
}

function report(ours: readonly Rate[], theirs: readonly Rate[], print: (figure: Figure) => void): void {
  const bench = 'throughput';
  const median = (rates: readonly Rate[], part: keyof Rate): number =>
    percentile(
      rates.map((rate) => rate[part]),
      0.5,
    );
  const ratios = (part: keyof Rate): number[] => ours.map((rate, at) => rate[part] / theirs[at]![part]);
  const peer = 'graphile-worker alone, same processes, concurrency and grouped commits, turn by turn';
  const durable = 'in both, queueing does not wait for the disk, starts and ends do';
  const rate = ratios('perSecond');
  print(
    judged(
      {
        bench,
        metric: 'tasks_per_second',
        value: round(median(ours, 'perSecond')),
        unit: '1/s',
        vs: `${peer}, ${round(median(theirs, 'perSecond'))} a second; ${durable}`,
        ratio: round(percentile(rate, 0.5)),
        better: 'higher',
        limit: LIMIT,
      },
      { noise: spread(rate) },
    ),
  );
  print({
    bench,
    metric: 'processor_us_per_task',
    value: round(median(ours, 'processorMicros')),
    unit: 'us',
    vs: `${peer}, ${round(median(theirs, 'processorMicros'))} us; services and database server together`,
    ratio: round(percentile(ratios('processorMicros'), 0.5)),
    better: 'lower',
  });
}

async function feed(lab: SchedulerLab): Promise<void> {
  if ((await activeRuns(lab)) >= BACKLOG) return;
  const runs = Array.from({ length: FEED }, () => ({
    dagId: 'wide',
    runId: randomBytes(8).toString('hex'),
    runType: 'manual' as const,
    logicalDate: null,
    conf: {},
    triggeredBy: 'bench',
  }));
  await createRuns(lab.pool, runs);
}

const activeRuns = (lab: SchedulerLab): Promise<number> => countOf(lab, "dag_run where state in ('queued', 'running')");

/** Number of rows in a table of the scheduler that meet a condition. */
async function countOf(lab: SchedulerLab, rowsOf: string): Promise<number> {
  const { rows } = await lab.pool.query<{ count: number }>(`select count(*)::int as count from runbeat.${rowsOf}`);
  return rows[0]!.count;
}
