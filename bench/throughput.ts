import { randomBytes } from 'node:crypto';
import { createRuns } from '../scheduler/store/createRuns.ts';
import type { BenchOptions, Figure } from './figure.ts';
import { measureIdle } from './idle.ts';
import { measureLanes } from './lanes.ts';
import { measureQueueLimit } from './queueLimit.ts';
import { residentMegabytes } from './process.ts';
import { openLab, round, untilKnown, type SchedulerLab } from './schedulerLab.ts';

const SECONDS = 30;
const WARM_UP_SECONDS = 5;
const WORKERS = 2;
const FEED = 40;
/** Runs that are kept unfinished, so that there is always something to do. */
const BACKLOG = 60;

const WIDE = `import { dag } from 'runbeat';
export default dag('wide', { maxActiveRuns: 1000, maxActiveTasks: 10000 }, (build) => {
  const first = build.task('first', {}, () => undefined);
  const middle = Array.from({ length: 38 }, (_, at) => build.task('task_' + at, { after: first }, () => undefined));
  build.task('last', { after: middle }, () => undefined);
});`;

/** Finished task instances a second, sustained, through scheduler, queue and workers, every state change durable. */
export async function run(_options: BenchOptions, print: (figure: Figure) => void): Promise<void> {
  const lab = await openLab({ 'wide.ts': WIDE });
  try {
    const limit = await measureQueueLimit(lab.config.databaseUrl);
    const scheduler = await lab.start('SchedulerJob', ['scheduler']);
    await lab.pool.query("update runbeat.slot_pool set slots = -1 where pool = 'default_pool'");
    for (let at = 0; at < WORKERS; at++) await lab.start('WorkerJob', ['worker', '--concurrency', '100']);
    await untilKnown(lab.pool, ['wide']);
    const perSecond = await sustained(lab);
    const vs = `graphile-worker alone with two stamped commits a job, ${round(limit)} a second`;
    print({
      bench: 'throughput',
      metric: 'tasks_per_second',
      value: round(perSecond),
      unit: '1/s',
      vs,
      ratio: round(perSecond / limit),
    });
    const rss = residentMegabytes(scheduler.pid!);
    print({
      bench: 'throughput',
      metric: 'loaded_rss_mb',
      value: round(rss),
      unit: 'MB',
      vs: 'the scheduler after that load',
    });
  } finally {
    await lab.stop();
  }
  await measureLanes(print);
  await measureIdle(print);
}

async function sustained(lab: SchedulerLab): Promise<number> {
  const until = Date.now() + (WARM_UP_SECONDS + SECONDS) * 1000;
  let from: { done: number; at: number } | null = null;
  while (Date.now() < until) {
    await feed(lab);
    if (!from && Date.now() > until - SECONDS * 1000) from = { done: await finishedTasks(lab), at: performance.now() };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const done = await finishedTasks(lab);
  return ((done - from!.done) / (performance.now() - from!.at)) * 1000;
}

async function feed(lab: SchedulerLab): Promise<void> {
  const { rows } = await lab.pool.query<{ active: number }>(
    "select count(*)::int as active from runbeat.dag_run where state in ('queued', 'running')",
  );
  if (rows[0]!.active >= BACKLOG) return;
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

async function finishedTasks(lab: SchedulerLab): Promise<number> {
  const { rows } = await lab.pool.query<{ done: number }>(
    "select count(*)::int as done from runbeat.task_instance where state = 'success'",
  );
  return rows[0]!.done;
}
