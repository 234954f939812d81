import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger } from '../platform/log.ts';
import { untilAvailable } from '../platform/postgres/faults.ts';
import { createRuns } from '../scheduler/store/createRuns.ts';
import { GOOD_DAGS, goodFile, goodId, poisonOf } from './chaos/dags.ts';
import { FAULT_KINDS, faultsOf, type Fault } from './chaos/faults.ts';
import { Stage } from './chaos/stage.ts';
import { hasSeenSource, judgeExporter, judgeRuns, uncountedRuns, type Verdict } from './chaos/verdict.ts';
import { judged, tell, type BenchOptions, type Figure } from './figure.ts';
import { until, untilKnown } from './schedulerLab.ts';

const ROUNDS = 10;
/** During faults, every good DAG is triggered again at this interval. */
const WAVE_MS = 700;
/** A run that has not ended by this time after the last fault is stuck. */
const PATIENCE_MS = 180_000;

const silent = createLogger('chaos', 'silent');

/** Number of times that each kind of fault really happened. */
type Played = Record<string, number>;

/**
 * Plays rounds of load, bad DAG files and faults on all services. Then it checks the final state of every run in the database. The first
 * SIGINT ends it after the current round, with a verdict on the rounds so far.
 */
export async function run({ rounds = ROUNDS }: BenchOptions, print: (figure: Figure) => void): Promise<void> {
  const stage = await Stage.open();
  try {
    for (let at = 0; at < GOOD_DAGS; at++) stage.writeDag(`${goodId(at)}.ts`, goodFile(at));
    stage.startAll();
    await untilKnown(stage.pool, GOOD_IDS);
    // Runs that end before the exporter first sees the source are history, which no counter contains.
    await until(() => hasSeenSource(stage.exporterUrl));
    const played: Played = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0]));
    let triggered = 0;
    let wanted = rounds;
    process.once('SIGINT', () => (wanted = 0));
    let round = 0;
    while (round < wanted) triggered += await playRound(stage, round++, played);
    const verdict = await judgeRuns(stage.pool, triggered);
    const exporter = await judgeSettledExporter(stage);
    if (exporter.missing > 0) tell(`not counted: ${await uncountedRuns(stage.pool, stage.indexPool)}`);
    report(verdict, exporter, stage.died.length, print);
    print({
      bench: 'chaos',
      metric: 'runs',
      value: triggered,
      unit: 'count',
      vs: `${round} rounds; ${playedWords(played)}`,
    });
  } finally {
    await stage.close();
  }
}

const GOOD_IDS = Array.from({ length: GOOD_DAGS }, (_, at) => goodId(at));

const playedWords = (played: Played): string =>
  `faults that struck: ${Object.entries(played)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ')}`;

/** Returns how many runs of good DAGs were triggered. */
async function playRound(stage: Stage, round: number, played: Played): Promise<number> {
  const poison = poisonOf(round);
  const faults = faultsOf(round);
  tell(`round ${round + 1}: ${faults.map(({ name }) => name).join(', ')}; ${poison.file}`);
  stage.writeDag(poison.file, poison.text);
  await trigger(stage, `round_${round}`, GOOD_IDS);
  if (poison.dagId) await trigger(stage, `round_${round}`, [poison.dagId]);
  await until(async () => (await unfinished(stage, round)) < GOOD_DAGS || (await hasStarted(stage, round)));
  const waves = await strikeUnderLoad(stage, round, faults, played);
  const deadline = performance.now() + PATIENCE_MS;
  await until(async () => (await unfinished(stage, round)) === 0 || performance.now() > deadline);
  stage.removeDag(poison.file);
  return (1 + waves) * GOOD_DAGS;
}

/** Causes all faults at once, and triggers new runs during them. Returns how many times the DAGs were triggered. */
async function strikeUnderLoad(stage: Stage, round: number, faults: Fault[], played: Played): Promise<number> {
  let areOver = false;
  const struck = Promise.all(
    faults.map(async ({ kind, name, strike }) => {
      if (await strike(stage)) played[kind]!++;
      else tell(`round ${round + 1}: ${name} did not happen`);
    }),
  ).finally(() => (areOver = true));
  let waves = 0;
  while (!areOver) {
    await trigger(stage, `round_${round}_${waves++}`, GOOD_IDS);
    await Promise.race([struck, sleep(WAVE_MS)]);
  }
  await struck;
  return waves;
}

async function trigger(stage: Stage, runId: string, dagIds: string[]): Promise<void> {
  const runs = dagIds.map((dagId) => ({
    dagId,
    runId,
    runType: 'manual' as const,
    logicalDate: null,
    conf: {},
    triggeredBy: 'chaos',
  }));
  await untilAvailable(() => createRuns(stage.pool, runs), silent);
}

const unfinished = (stage: Stage, round: number): Promise<number> =>
  count(
    stage,
    "select count(*)::int as count from runbeat.dag_run where (run_id = $1 or run_id like $1 || '\\_%') and end_date is null",
    round,
  );

async function hasStarted(stage: Stage, round: number): Promise<boolean> {
  const started = `select count(*)::int as count from runbeat.task_instance where run_id = $1 and state in ('running', 'success')`;
  return (await count(stage, started, round)) > 0;
}

async function count(stage: Stage, sql: string, round: number): Promise<number> {
  const { rows } = await untilAvailable(() => stage.pool.query<{ count: number }>(sql, [`round_${round}`]), silent);
  return rows[0]!.count;
}

async function judgeSettledExporter(stage: Stage): Promise<{ missing: number; surplus: number }> {
  const { rows } = await stage.pool.query<{ finished: number }>(
    "select count(*)::int as finished from runbeat.dag_run where dag_id like 'good%' and end_date is not null",
  );
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await judgeExporter(stage.exporterUrl, rows[0]!.finished).catch(() => null);
    if (found && (found.missing === 0 || performance.now() > deadline)) return found;
    if (performance.now() > deadline) throw new Error('the exporter gives no metrics');
    await sleep(250);
  }
}

function report(
  verdict: Verdict,
  exporter: { missing: number; surplus: number },
  died: number,
  print: (figure: Figure) => void,
): void {
  const figures: Record<string, number> = {
    ...verdict,
    lost: verdict.lost + exporter.missing,
    doubled: verdict.doubled + exporter.surplus,
    services_died: died,
  };
  for (const [metric, value] of Object.entries(figures))
    print(judged({ bench: 'chaos', metric, value, unit: 'count', better: 'lower', limit: 0 }));
}
