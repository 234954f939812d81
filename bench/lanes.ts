import { createRuns } from '../scheduler/store/createRuns.ts';
import { percentile, judged, spread, type Figure } from './figure.ts';
import { openLab, round, transitionsOf, untilFinished, untilKnown, type SchedulerLab } from './schedulerLab.ts';

const RUNS = 15;
const FLOOD_RUNS = 1_000;
/** Flooded ÷ quiet. */
const P95_LIMIT = 1.3;

const LANES = `import { dag } from 'runbeat';
export const quick = dag('quick', { lane: 'fast' }, (build) => {
  let after;
  for (let at = 0; at < 20; at++) after = build.task('task_' + at, { after }, () => undefined);
});
export const flood = dag('flood', { maxActiveRuns: 1000, maxActiveTasks: 10000 }, (build) => {
  const first = build.task('first', {}, () => undefined);
  for (let at = 0; at < 20; at++) build.shell('task_' + at, { after: first, command: 'sleep 1' });
});`;

/** Transitions of an almost idle lane, without and with a flood of a thousand runs in the other lane. */
export async function measureLanes(print: (figure: Figure) => void): Promise<void> {
  const lab = await openLab({ 'lanes.ts': LANES });
  try {
    for (const [lane, ...nice] of [['default', '--nice', '10'], ['fast']] as const) {
      await lab.start('SchedulerJob', ['scheduler', '--lane', lane, ...nice]);
      await lab.start('WorkerJob', ['worker', '--concurrency', '16', '--queues', lane, ...nice]);
    }
    await untilKnown(lab.pool, ['quick', 'flood']);
    await quickRuns(lab, 'warm', 3);
    const quiet = await quickRuns(lab, 'quiet', RUNS);
    await createRuns(
      lab.pool,
      Array.from({ length: FLOOD_RUNS }, (_, at) => newRun('flood', `flood_${at}`)),
    );
    const flooded = await quickRuns(lab, 'flooded', RUNS);
    for (const [name, share] of [
      ['p50', 0.5],
      ['p95', 0.95],
    ] as const) {
      const [before, during] = [percentile(quiet, share), percentile(flooded, share)];
      print({ bench: 'throughput', metric: `lane_quiet_${name}_ms`, value: round(before), unit: 'ms' });
      const figure = {
        bench: 'throughput',
        metric: `lane_flooded_${name}_ms`,
        value: round(during),
        unit: 'ms',
        vs: 'the same lane while the other one is idle; the other one runs with --nice 10',
        ratio: round(during / before),
        better: 'lower' as const,
      };
      print(name === 'p95' ? judged({ ...figure, limit: P95_LIMIT }, { noise: noiseOf(quiet) }) : figure);
    }
  } finally {
    await lab.stop();
  }
}

/** How much the 95th percentile differs between thirds of the quiet runs. */
function noiseOf(transitions: readonly number[]): number {
  const third = Math.ceil(transitions.length / 3);
  const parts = [0, 1, 2].map((at) => transitions.slice(at * third, (at + 1) * third));
  return spread(parts.map((part) => percentile(part, 0.95)));
}

/** Runs one run after the other, and returns their transitions in milliseconds. */
async function quickRuns(lab: SchedulerLab, name: string, count: number): Promise<number[]> {
  const { rows } = await lab.pool.query<{ now: Date; runs: number }>(
    "select clock_timestamp() as now, (select count(*)::int from runbeat.dag_run where dag_id = 'quick') as runs",
  );
  for (let at = 0; at < count; at++) {
    await createRuns(lab.pool, [newRun('quick', `${name}_${at}`)]);
    await untilFinished(lab.pool, 'quick', rows[0]!.runs + at + 1);
  }
  return transitionsOf(lab.pool, 'quick', rows[0]!.now);
}

function newRun(dagId: string, runId: string): Parameters<typeof createRuns>[1][number] {
  return { dagId, runId, runType: 'manual', logicalDate: null, conf: {}, triggeredBy: 'bench' };
}
