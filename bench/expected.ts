import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type pg from 'pg';
import { byTaskId } from '../exporter/flow/transitions.ts';
import { probe } from '../exporter/sources/probe.ts';
import { SourceReader } from '../exporter/sources/reader.ts';
import type { Micros, RunRow, TaskRow } from '../exporter/sources/rows.ts';
import { structureKey, type DagStructure } from '../exporter/sources/structure.ts';
import { expectedEnd } from '../exporter/usual/expectedEnd.ts';
import { learnt, type DagRings } from '../exporter/usual/rings.ts';
import { startEmbedded } from '../platform/postgres/embedded.ts';
import { startScheduler } from '../scheduler/main.ts';
import { createRuns } from '../scheduler/store/createRuns.ts';
import { createPool } from '../scheduler/store/database.ts';
import { percentile, judged, tell, type Bench } from './figure.ts';
import { benchLogger, openLab, round, untilFinished, untilKnown } from './schedulerLab.ts';

const DAG = 'onboarding';
const FIXTURES = path.resolve(import.meta.dirname, '../test/airflow/fixtures');
const RECORDED_DAG = 'user_flow';
const RUNS = 60;
/** Number of warm-up runs, because the code of a new process is still being compiled. */
const WARM_RUNS = 8;
const MOST_RUNS = 10_000;
/** Number of concurrent runs, as in the demo. */
const AT_ONCE = 4;
/** When the expected end is computed, as shares of the run's duration. */
const MOMENTS = [0.1, 0.3, 0.5, 0.7, 0.9];
const LIMIT_PERCENT = 10;

interface EndedRun {
  run: RunRow;
  tasks: TaskRow[];
  structure: DagStructure;
}

/** How far the expected end of a run is from its real end, for runs that the usual durations do not include. */
export const run: Bench = async ({ scale = RUNS }, print) => {
  const figure = { bench: 'expected', unit: '%', better: 'lower', limit: LIMIT_PERCENT } as const;
  const report = (name: string, found: readonly Forecast[], vs: string): void => {
    const figureOf = (metric: string, values: readonly number[], share: number) => {
      return { ...figure, metric: `${name}${metric}_percent`, value: round(percentile(values, share)), vs };
    };
    const errors = found.map(({ error }) => Math.abs(error));
    print(judged(figureOf('median_error', errors, 0.5)));
    const told = [
      figureOf('p95_error', errors, 0.95),
      // Negative if it was expected too early.
      figureOf(
        'median_bias',
        found.map(({ error }) => error),
        0.5,
      ),
      // The error of a forecast by the median duration of whole runs.
      figureOf(
        'naive_median_error',
        found.map(({ naive }) => Math.abs(naive)),
        0.5,
      ),
    ];
    for (const { bench, metric, value, unit } of told) print({ bench, metric, value, unit });
  };
  const demo = (await recordDemo(scale + WARM_RUNS)).slice(WARM_RUNS);
  const learn = Math.floor(demo.length / 2);
  report('', errorsOf(demo.slice(learn), demo.slice(0, learn)), `real ends of ${demo.length - learn} runs of the demo`);
  const [before, after] = [demo.slice(0, learn), demo.slice(learn)].map(medianDuration);
  // A forecast can't be better than the machine is steady.
  const drift = round((100 * Math.abs(after! - before!)) / before!);
  print({ bench: 'expected', metric: 'duration_drift_percent', value: drift, unit: '%' });
  const files = readdirSync(FIXTURES).filter((file) => file.startsWith('airflow-'));
  const recorded: Forecast[] = [];
  for (const file of files) {
    const runs = await recordedRuns(file);
    for (const one of runs)
      recorded.push(
        ...errorsOf(
          [one],
          runs.filter((other) => other !== one),
        ),
      );
  }
  report('airflow_', recorded, `real ends in ${files.length} recorded Airflows, each learnt from the other runs`);
};

/** Error of the expected end in percent of the run's duration; positive if it was too late. */
interface Forecast {
  error: number;
  /** The same for a forecast that only uses the median duration of runs. */
  naive: number;
}

/** The errors for runs if the usual durations come from other runs. */
function errorsOf(asked: readonly EndedRun[], from: readonly EndedRun[]): Forecast[] {
  let rings: DagRings = new Map();
  for (const { run, tasks, structure } of from) rings = learnt(rings, run, byTaskId(tasks), structure);
  const usual = medianDuration(from);
  return asked.flatMap((one) => MOMENTS.map((share) => errorOf(one, share, rings, usual)));
}

function medianDuration(runs: readonly EndedRun[]): number {
  const durations = runs.map(({ run }) => run.end_us! - run.start_us!);
  return percentile(durations, 0.5);
}

/** Runs of the DAG that ran most often while an Airflow was recorded. */
async function recordedRuns(file: string): Promise<EndedRun[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-expected-'));
  chmodSync(folder, 0o755);
  const postgres = await startEmbedded({ dataDir: path.join(folder, 'data') });
  const pool = createPool(postgres.url, 'runbeat bench', 1);
  try {
    await pool.query(gunzipSync(readFileSync(path.join(FIXTURES, file))).toString('utf8'));
    return await endedRuns(pool, RECORDED_DAG);
  } finally {
    await pool.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs of the demo's DAG by the scheduler and a worker, as the exporter reads them, in the order of their ends. */
async function recordDemo(count: number): Promise<EndedRun[]> {
  const lab = await openLab(demoFiles());
  try {
    const scheduler = await startScheduler(lab.config, benchLogger);
    try {
      await lab.start('WorkerJob', ['worker', '--concurrency', '20']);
      await untilKnown(lab.pool, [DAG]);
      for (let done = 0; done < count; done += AT_ONCE) {
        tell(`${done} of ${count} runs`);
        const runs = Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, at) => newRun(done + at + 1));
        await createRuns(lab.pool, runs);
        await untilFinished(lab.pool, DAG, done + runs.length);
      }
    } finally {
      await scheduler.stop();
    }
    return await endedRuns(lab.pool, DAG);
  } finally {
    await lab.stop();
  }
}

/** The files of the DAG, which import the authoring module by its name. */
function demoFiles(): Record<string, string> {
  const folder = path.resolve(import.meta.dirname, '../dags');
  const names = ['onboarding.ts', 'application.ts', 'checks.ts'];
  const text = (name: string): string =>
    readFileSync(path.join(folder, name), 'utf8').replace('../scheduler/authoring/index.ts', 'runbeat');
  return Object.fromEntries(names.map((name) => [name, text(name)]));
}

function newRun(user: number): Parameters<typeof createRuns>[1][number] {
  const conf = { user_id: user, application: { id: `A-${user}` } };
  return { dagId: DAG, runId: `user_${user}`, runType: 'manual', logicalDate: null, conf, triggeredBy: 'bench' };
}

/** The successful runs of a DAG, in the order of their ends. */
async function endedRuns(pool: pg.Pool, dagId: string): Promise<EndedRun[]> {
  const reader = new SourceReader(pool, await probe(pool), []);
  const all = await reader.runsAfter(0, MOST_RUNS);
  const runs = all.filter((run) => run.dag_id === dagId && run.state === 'success');
  const tasks = await reader.tasksOf(runs);
  const structures = new Map(
    (
      await reader.structures.read(runs.map(structureOf), (error) => {
        throw error;
      })
    ).map(({ ref, structure }) => [structureKey(ref), structure]),
  );
  return runs
    .sort((a, b) => a.end_us! - b.end_us!)
    .map((run) => ({
      run,
      tasks: tasks.filter((task) => task.run === run.id),
      structure: structures.get(structureKey(structureOf(run)))!,
    }));
}

const structureOf = ({ dag_id, version }: RunRow): { dag_id: string; version: string | null } => ({ dag_id, version });

/** The error of the expected end at a moment of the run. */
function errorOf({ run, tasks, structure }: EndedRun, share: number, rings: DagRings, usualUs: Micros): Forecast {
  const [start, end] = [run.start_us!, run.end_us!];
  const now = Math.round(start + share * (end - start));
  const then = byTaskId(tasks.flatMap((task) => asOf(task, now)));
  const expected = expectedEnd({ ...run, state: 'running', end_us: null }, then, structure, rings, now);
  if (!expected) throw new Error('too few runs to learn from');
  const wrongBy = (us: Micros): number => (100 * (us - end)) / (end - start);
  return { error: wrongBy(expected.endUs), naive: wrongBy(Math.max(now, start + usualUs)) };
}

/** A task instance, as its row was at a moment of the run. */
function asOf(task: TaskRow, now: Micros): TaskRow[] {
  const { start_us: start, end_us: end } = task;
  if (end !== null && end <= now) return [task];
  if (start !== null && start <= now) return [{ ...task, state: 'running', end_us: null }];
  return [{ ...task, state: null, start_us: null, end_us: null, queued_us: null }];
}
