import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { startEmbedded } from '../../../platform/postgres/embedded.ts';
import { startAirflow, type Airflow } from '../lab/airflow.ts';
import { passesLogged } from '../../../cli/demo/airflow/environment.ts';
import { RELEASES, type ReleaseName } from '../lab/releases.ts';
import { observe, type Observer } from '../live/observer.ts';
import { Disturber, SECOND_SCHEDULER } from './disturbances.ts';
import { judge, LIMIT_SECONDS, type Pass } from './judge.ts';
import { Locks } from './locked.ts';
import { offenders } from './offenders.ts';
import { durations, passesIn } from './passes.ts';
import { tellsStalls } from './stalls.ts';

/**
 * Watches a healthy Airflow under load and checks in every sample that the exporter reports no neglected work. Then keeps its
 * scheduler from work, and checks that the exporter reports that. The exit code is 1 if either fails. On an overloaded machine, a
 * high sample may be right; `judge.ts` decides this from the schedulers' own logs.
 *
 * `npx tsx test/airflow/soak/main.ts airflow3.3 --minutes 60`
 */
const SAMPLE_MS = 2_000;
/** Airflow notices within minutes that a DAG is no longer in any file. */
const CLEANED_OFTEN = { SCHEDULER__PARSING_CLEANUP_INTERVAL: '15', DAG_PROCESSOR__STALE_DAG_THRESHOLD: '30' };
const DISTURBED_EVERY_SECONDS = 20;
const DAG_FILES = ['load.py', 'kinds.py', 'changing.py', '../dags/lab_airflow.py'];

interface Figures {
  samples: number;
  /** Samples without a value, because the exporter had not read the source for a while. */
  unanswered: number;
  above: number;
  /** Of these, how many were wrong, because a scheduler had completed a whole pass, and how many were right. */
  false: number;
  told_rightly: number;
  pass_seconds: { p50: number; p90: number; max: number } | null;
  /** How often each disturbance was performed. */
  disturbed: Record<string, number>;
  told: Record<string, boolean>;
  load: number;
  highest_seconds: number;
  runs: number;
  tasks: number;
}

const progress = (line: string): boolean => process.stderr.write(`${line}\n`);

async function soak(
  name: ReleaseName,
  { minutes, parallelism }: Options,
  folder: string,
  indexUrl: string,
): Promise<Figures> {
  const dagsFolder = path.join(folder, 'dags');
  mkdirSync(dagsFolder);
  for (const file of DAG_FILES)
    cpSync(path.resolve(import.meta.dirname, file), path.join(dagsFolder, path.basename(file)));
  const airflow = await startAirflow(name, {
    dagsFolder,
    awaitDags: ['catchup_0', 'poking', 'kind_mapped_limits', 'changing'],
    parallelism,
    settings: { ...CLEANED_OFTEN, ...passesLogged(RELEASES[name]) },
    environment: { RUNBEAT_SOAK_BEGIN: new Date().toISOString() },
    progress,
  });
  try {
    const observer = await observe(airflow, indexUrl);
    try {
      await airflow.createPool('one_slot', 1);
      await airflow.createPool('three_slots', 3);
      await airflow.createPool('deferred_slots', 2, true);
      const dags = await airflow.query<{ dag_id: string }>('select dag_id from dag order by 1');
      for (const { dag_id } of dags) await airflow.unpause(dag_id);
      return await watch(airflow, observer, performance.now() + minutes * 60_000);
    } finally {
      await observer.stop();
    }
  } finally {
    await airflow.stop();
  }
}

async function watch(airflow: Airflow, observer: Observer, until: number): Promise<Figures> {
  const disturber = new Disturber(airflow, progress);
  const locks = new Locks((sql, values) => airflow.query(sql, values));
  let [samples, unanswered, above, wrong, highest] = [0, 0, 0, 0, 0];
  while (performance.now() < until) {
    const sample = await observer.oldestReady();
    samples += 1;
    if (sample === null) unanswered += 1;
    else highest = Math.max(highest, sample.ageSeconds);
    await locks.look();
    if (sample !== null && sample.ageSeconds > LIMIT_SECONDS) {
      const { since, ageSeconds, work } = sample;
      const at = since! + ageSeconds * 1_000;
      above += 1;
      const { isFalse, evidence } = judge({ since: since!, at, locked: locks.of(work!) }, passesOf(airflow));
      const verdict = isFalse ? 'FALSE' : 'told rightly';
      progress(`${new Date(at).toISOString()} ready work is ${ageSeconds.toFixed(1)} s old: ${verdict}, ${evidence}`);
      if (isFalse) {
        wrong += 1;
        const details = offenders(airflow, observer, ageSeconds);
        for (const line of await details.catch((error: Error) => [`  no details: ${error.message}`])) progress(line);
      }
    }
    if ((samples * SAMPLE_MS) % (DISTURBED_EVERY_SECONDS * 1_000) === 0) await disturber.next();
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
  }
  return {
    samples,
    unanswered,
    above,
    false: wrong,
    told_rightly: above - wrong,
    highest_seconds: Number(highest.toFixed(2)),
    pass_seconds: durations(passesOf(airflow)),
    load: Math.round(loadavg()[0]!),
    disturbed: disturber.done,
    ...(await finished(airflow)),
    told: await tellsStalls(airflow, observer),
  };
}

function passesOf({ processes }: Airflow): Pass[] {
  return ['scheduler', SECOND_SCHEDULER]
    .filter((name) => existsSync(processes.logOf(name)))
    .flatMap((name) => passesIn(readFileSync(processes.logOf(name), 'utf8'), name));
}

async function finished(airflow: Airflow): Promise<{ runs: number; tasks: number }> {
  const [counts] = await airflow.query<{ runs: number; tasks: number }>(
    `select (select count(*)::int from dag_run where state in ('success', 'failed')) as runs,
            (select count(*)::int from task_instance where state in ('success', 'failed')) as tasks`,
  );
  return counts!;
}

interface Options {
  minutes: number;
  /** Maximum number of tasks that run at the same time. */
  parallelism: number;
}

function numberOf(args: readonly string[], option: string, otherwise: number): number {
  const given = args.indexOf(option);
  return given < 0 ? otherwise : Number(args[given + 1]);
}

async function main(): Promise<void> {
  const [name, ...rest] = process.argv.slice(2);
  const options = { minutes: numberOf(rest, '--minutes', 60), parallelism: numberOf(rest, '--parallelism', 8) };
  if (!name || !(name in RELEASES) || !(options.minutes > 0) || !(options.parallelism > 0)) {
    progress(`Usage: main.ts RELEASE [--minutes 60] [--parallelism 8]. Releases: ${Object.keys(RELEASES).join(', ')}.`);
    process.exitCode = 2;
    return;
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'runbeat-soak-'));
  // PostgreSQL may have to run as another user, who must be able to reach its folder.
  chmodSync(folder, 0o755);
  const index = await startEmbedded({ dataDir: path.join(folder, 'index'), database: 'index', durable: false });
  try {
    const figures = await soak(name as ReleaseName, options, folder, index.url);
    process.stdout.write(
      `${JSON.stringify({ airflow: RELEASES[name as ReleaseName].version, ...options, ...figures })}\n`,
    );
    process.exitCode = figures.false > 0 || Object.values(figures.told).includes(false) ? 1 : 0;
  } finally {
    await index.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
