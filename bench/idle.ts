import type { Figure } from './figure.ts';
import { processorSeconds, residentMegabytes } from './process.ts';
import { openLab, round, untilKnown } from './schedulerLab.ts';

const DAGS = 200;
const SETTLE_MS = 5_000;
const SECONDS = 20;

/** The cost of an idle scheduler with 200 DAGs. */
export async function measureIdle(print: (figure: Figure) => void): Promise<void> {
  const files = Array.from({ length: DAGS }, (_, at) => [`dag_${at}.ts`, dagFile(at)] as const);
  const lab = await openLab(Object.fromEntries(files));
  try {
    const scheduler = await lab.start('SchedulerJob', ['scheduler']);
    await untilKnown(
      lab.pool,
      Array.from({ length: DAGS }, (_, at) => `dag_${at}`),
    );
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const before = processorSeconds(scheduler.pid!);
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    const share = ((processorSeconds(scheduler.pid!) - before) / SECONDS) * 100;
    print({
      bench: 'throughput',
      metric: 'idle_cpu_percent',
      value: round(share),
      unit: '% of a core',
      vs: 'limit of 2',
      ratio: round(share / 2),
    });
    const rss = residentMegabytes(scheduler.pid!);
    print({
      bench: 'throughput',
      metric: 'idle_rss_mb',
      value: round(rss),
      unit: 'MB',
      vs: 'limit of 150',
      ratio: round(rss / 150),
    });
  } finally {
    await lab.stop();
  }
}

function dagFile(at: number): string {
  return `import { dag } from 'runbeat';
export default dag('dag_${at}', { schedule: '0 3 * * *' }, (build) => {
  const first = build.task('first', {}, () => undefined);
  for (let at = 0; at < 10; at++) build.task('task_' + at, { after: first }, () => undefined);
});`;
}
