import { createRuns } from '../scheduler/store/createRuns.ts';
import { startScheduler } from '../scheduler/main.ts';
import type { PassReport } from '../scheduler/services/pass.ts';
import { measureCommitNotify } from './commitNotify.ts';
import { percentile, judged, spread, type BenchOptions, type Figure } from './figure.ts';
import { InsideTasks } from './insideTasks.ts';
import {
  benchLogger,
  openLab,
  round,
  transitionsOf,
  untilFinished,
  untilKnown,
  type SchedulerLab,
} from './schedulerLab.ts';

const RUNS = 20;
const WORKERS = 2;
const ROUNDS = 10;
/** Number of warm-up rounds, because the code of a new process is still being compiled. */
const WARM_ROUNDS = 6;
/** Sequential tasks: every task is a transition, and all 20 runs are always in one. */
export const TASKS = 40;
/** Limits of transitions, as multiples of commit + notify. */
const LIMITS = { p50_ms: 8, p99_ms: 30 } as const;

/** The shape that the Airflow lab runs (test/airflow/dags/onboarding.py): six branches of no-op tasks that join. */
const BRANCHES = `import { dag } from 'runbeat';
export default dag('branches', { maxActiveRuns: 1000, maxActiveTasks: 10000 }, (build) => {
  const noop = (id, after) => build.task(id, { after }, () => undefined);
  const arrive = noop('arrive');
  const ends = [0, 1, 2, 3, 4, 5].map((branch) => {
    let after = arrive;
    for (let at = 0; at < 6; at++) after = noop('branch_' + branch + '_step_' + at, after);
    return after;
  });
  const half = (rest) => ends.filter((_, branch) => branch % 2 === rest);
  const joins = [noop('join_left', half(0)), noop('join_right', half(1))];
  noop('decide', joins);
});`;

/** Latency from the committed end of a task to the committed start of the next one. */
export async function run(options: BenchOptions, print: (figure: Figure) => void): Promise<void> {
  const inside = new InsideTasks();
  const lab = await openLab({ 'chain.ts': inside.chain('chain', TASKS), 'branches.ts': BRANCHES });
  const passes: PassReport[] = [];
  try {
    const limits = [await measureCommitNotify(lab.config.databaseUrl)];
    const scheduler = await startScheduler(lab.config, benchLogger, { onPass: (report) => passes.push(report) });
    try {
      for (let at = 0; at < WORKERS; at++) await lab.start('WorkerJob', ['worker', '--concurrency', '20']);
      await untilKnown(lab.pool, ['chain', 'branches']);
      const cold = await coldRun(lab);
      await warmUp(lab);
      passes.length = 0;
      const chain = await measure(lab, 'chain');
      limits.push(await measureCommitNotify(lab.config.databaseUrl));
      report(chain, limits, passes, print);
      reportInside(inside, cold, print);
      const branches = (await measure(lab, 'branches')).flat();
      print({ bench: 'transitions', metric: 'branches_p50_ms', value: round(percentile(branches, 0.5)), unit: 'ms' });
      print({ bench: 'transitions', metric: 'branches_p99_ms', value: round(percentile(branches, 0.99)), unit: 'ms' });
      if (options.flags.has('airflow')) await compareWithAirflow(branches, print);
    } finally {
      await scheduler.stop();
    }
  } finally {
    await lab.stop();
    inside.close();
  }
}

function report(rounds: number[][], limits: number[], passes: PassReport[], print: (figure: Figure) => void): void {
  const bench = 'transitions';
  const limit = percentile(limits, 0.5);
  const vs = `commit + notify, ${round(limit)} ms`;
  const chain = rounds.flat();
  for (const [metric, share] of [
    ['p50_ms', 0.5],
    ['p90_ms', 0.9],
    ['p99_ms', 0.99],
  ] as const) {
    const value = percentile(chain, share);
    const ratio = round(value / limit);
    const figure = { bench, metric, value: round(value), unit: 'ms', vs, ratio, better: 'lower' } as const;
    const noise = spread(rounds.map((transitions) => percentile(transitions, share))) + spread(limits);
    print(metric in LIMITS ? judged({ ...figure, limit: LIMITS[metric as keyof typeof LIMITS] }, { noise }) : figure);
  }
  const most = Math.max(...passes.map((pass) => pass.queries));
  const largest = Math.max(...passes.map((pass) => pass.runs));
  print({
    bench,
    metric: 'queries_per_pass',
    value: most,
    unit: 'queries',
    vs: `the largest pass looked at ${largest} runs`,
  });
}

/** Inside the tasks: from the last instruction of one task to the first one of the next, warm and in the first runs after the start. */
function reportInside(inside: InsideTasks, cold: string, print: (figure: Figure) => void): void {
  for (const [name, runs] of [
    ['inside', 'round'],
    ['cold_inside', cold],
  ] as const) {
    const gaps = inside.gaps(runs);
    for (const [metric, share] of [
      ['p50_ms', 0.5],
      ['p99_ms', 0.99],
    ] as const) {
      const value = round(percentile(gaps, share));
      print({ bench: 'transitions', metric: `${name}_${metric}`, value, unit: 'ms', better: 'lower' });
    }
  }
}

/** The first runs after the start; returns the prefix of their ids. */
async function coldRun(lab: SchedulerLab): Promise<string> {
  await runAtOnce(lab, 'chain', 'cold', RUNS);
  return 'cold';
}

/** Runs 20 runs at once, several times. Returns the transitions of each time in milliseconds. */
async function measure(lab: SchedulerLab, dagId: string): Promise<number[][]> {
  const rounds: number[][] = [];
  for (let at = 0; at < ROUNDS; at++) {
    const since = (await lab.pool.query<{ now: Date }>('select clock_timestamp() as now')).rows[0]!.now;
    await runAtOnce(lab, dagId, `round${at}`, RUNS);
    rounds.push(await transitionsOf(lab.pool, dagId, since));
  }
  return rounds;
}

async function warmUp(lab: SchedulerLab): Promise<void> {
  for (const dagId of ['chain', 'branches'])
    for (let at = 0; at < WARM_ROUNDS; at++) await runAtOnce(lab, dagId, `warm${at}`, RUNS);
  await lab.pool.query('vacuum analyze');
}

async function runAtOnce(lab: SchedulerLab, dagId: string, name: string, count: number): Promise<void> {
  const { rows } = await lab.pool.query<{ count: number }>(
    'select count(*)::int as count from runbeat.dag_run where dag_id = $1',
    [dagId],
  );
  const runs = Array.from({ length: count }, (_, at) => ({
    dagId,
    runId: `${name}_${at}`,
    runType: 'manual' as const,
    logicalDate: null,
    conf: {},
    triggeredBy: 'bench',
  }));
  await createRuns(lab.pool, runs);
  await untilFinished(lab.pool, dagId, rows[0]!.count + count);
}

/** A real Airflow 3 on the same kind of PostgreSQL, with as many concurrent runs of a DAG of the same shape. */
async function compareWithAirflow(ours: number[], print: (figure: Figure) => void): Promise<void> {
  const { measureAirflowTransitions } = await loadAirflowLab();
  const airflow = await measureAirflowTransitions({ runs: RUNS, progress: (text) => console.error(text) });
  for (const [metric, share, theirs] of [
    ['vs_airflow_p50_ms', 0.5, airflow.p50_ms],
    ['vs_airflow_p99_ms', 0.99, airflow.p99_ms],
  ] as const) {
    const value = percentile(ours, share);
    const vs = `Airflow ${airflow.airflow}, LocalExecutor, on the same DAG, ${round(theirs)} ms`;
    const figure = { bench: 'transitions', metric, value: round(value), unit: 'ms', vs } as const;
    print({ ...figure, ratio: Number((value / theirs).toPrecision(2)), better: 'lower' });
  }
}

/** The exports of the lab's module. It is loaded by path, because the build must not depend on tests. */
interface AirflowLab {
  measureAirflowTransitions(options: {
    runs: number;
    progress: (text: string) => void;
  }): Promise<{ airflow: string; p50_ms: number; p99_ms: number }>;
}

async function loadAirflowLab(): Promise<AirflowLab> {
  const place = new URL('../test/airflow/lab/transitions.ts', import.meta.url);
  try {
    return (await import(place.href)) as AirflowLab;
  } catch (error) {
    const reason = (error as Error).message;
    throw new Error(`--airflow needs the Airflow lab of a checkout (test/airflow/lab): ${reason}`, { cause: error });
  }
}
