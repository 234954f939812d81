import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Airflow } from './airflow.ts';
import type { Progress } from '../../../cli/demo/airflow/install.ts';

/** A manual run of the scenario, with its conf and its expected end. */
interface PlannedRun {
  dagId: string;
  runId: string;
  conf?: unknown;
  state: 'success' | 'failed';
}

const ending = (dagId: string, state: 'success' | 'failed' = 'success'): PlannedRun => ({
  dagId,
  runId: `lab_${dagId}`,
  state,
});

const flow = (runId: string, conf: unknown): PlannedRun => ({ dagId: 'user_flow', runId, conf, state: 'success' });

/** The runs that end by themselves. `user_flow` carries the business keys. */
export const ENDING_RUNS: PlannedRun[] = [
  ending('branches_join'),
  ending('retries'),
  ending('mapped'),
  ending('task_groups'),
  ending('rescheduled'),
  ending('deferred'),
  ending('skips'),
  ending('failing', 'failed'),
  ending('trigger_rules'),
  ending('setup_teardown'),
  ending('one_slot'),
  ending('onboarding'),
  { dagId: 'reshaped', runId: 'lab_reshaped_first', state: 'success' },
  { dagId: 'cleared', runId: 'lab_cleared_whole', state: 'success' },
  { dagId: 'cleared', runId: 'lab_cleared_partly', state: 'success' },
  flow('user-42-first', { user_id: 42, application: { id: 'app-0042' } }),
  flow('manual__2024-05-01T10:00:00+00:00', { user_id: 42, application: { id: 'app-0042-again' } }),
  flow('user-43', {
    user_id: 43,
    application: { id: 'app-0043' },
    priority: 0.5,
    tags: ['a', null, true],
    note: 'Zoë ☕',
  }),
  flow('user-by-name', { user_id: 'ada', big: 9_007_199_254_740_991, negative: -1_099_511_627_776 }),
  flow('nobody', {}),
];

/** A run of a DAG that was edited after its first run. */
export const RESHAPED_RUN: PlannedRun = { dagId: 'reshaped', runId: 'lab_reshaped_second', state: 'success' };

/** The runs that stay unfinished, in the state that they reach. The first and third differ because of max_active_runs. */
export const STANDING_RUNS = [
  { dagId: 'waiting', runId: 'lab_waiting', state: 'running' },
  { dagId: 'full_pool', runId: 'lab_full_pool', state: 'running' },
  { dagId: 'one_run_at_a_time', runId: 'lab_active', state: 'running' },
  { dagId: 'one_run_at_a_time', runId: 'lab_held_back', state: 'queued' },
  { dagId: 'paused', runId: 'lab_paused', state: 'queued' },
];

/** Every DAG that the scenario runs. */
export const LAB_DAGS = [...new Set([...ENDING_RUNS, ...STANDING_RUNS].map(({ dagId }) => dagId)), 'daily'];

const TASK_REACHED =
  'select exists (select from task_instance where dag_id = $1 and run_id = $2 and task_id = $3 and state = $4)';
const STANDING_TASKS = [
  ['waiting', 'lab_waiting', 'rescheduled', 'up_for_reschedule'],
  ['waiting', 'lab_waiting', 'deferred', 'deferred'],
  ['waiting', 'lab_waiting', 'retrying', 'up_for_retry'],
  ['full_pool', 'lab_full_pool', 'holder', 'running'],
  ['full_pool', 'lab_full_pool', 'contender', 'scheduled'],
  ['one_run_at_a_time', 'lab_active', 'holder', 'running'],
];

/**
 * Runs everything once: the runs that end, the clearing of two of them, a scheduler that is killed and leaves its row, and
 * the runs that stay unfinished.
 */
export async function playScenario(airflow: Airflow, progress: Progress = () => undefined): Promise<void> {
  await airflow.createPool('one_slot', 1);
  await airflow.createPool('held_slot', 1);
  progress('starting every run');
  await airflow.unpause('daily');
  for (const run of ENDING_RUNS) await airflow.trigger(run.dagId, run.conf, run.runId);
  for (const run of ENDING_RUNS) await expectState(airflow, run);
  await airflow.waitFor(
    'both scheduled runs have ended',
    "select count(*) = 2 from dag_run where dag_id = 'daily' and state = 'success'",
  );
  progress('the runs have ended; clearing two of them');
  await airflow.clear('cleared', 'lab_cleared_whole', ['first', 'second', 'third']);
  await airflow.clear('cleared', 'lab_cleared_partly', ['third']);
  for (const run of ENDING_RUNS.filter(({ dagId }) => dagId === 'cleared')) await expectState(airflow, run);
  progress('editing a DAG and running its second shape');
  await reshape(airflow);
  progress('killing a second scheduler');
  await (await airflow.addScheduler()).kill();
  progress('starting the runs that stay unfinished');
  for (const { dagId, runId } of STANDING_RUNS) await airflow.trigger(dagId, {}, runId);
  for (const { dagId, runId, state } of STANDING_RUNS) await airflow.waitForRun(dagId, runId, [state]);
  for (const place of STANDING_TASKS) await airflow.waitFor(`${place.slice(1).join(' ')}`, TASK_REACHED, place);
}

async function expectState(airflow: Airflow, { dagId, runId, state }: PlannedRun): Promise<void> {
  const seen = await airflow.waitForRun(dagId, runId);
  if (seen === state) return;
  throw new Error(`Run ${runId} of ${dagId} ended as ${seen}, not as ${state}.\n${airflow.schedulerLog()}`);
}

/** Edits the DAG file as its author would, waits until Airflow has noticed, and runs the new structure. */
async function reshape(airflow: Airflow): Promise<void> {
  const hashes =
    "select string_agg(dag_hash, ' ' order by dag_hash) as known from serialized_dag where dag_id = 'reshaped'";
  const [before] = await airflow.query<{ known: string }>(hashes);
  const file = path.join(airflow.dagsFolder, 'reshaped.py');
  writeFileSync(file, readFileSync(file, 'utf8').replace('SHAPE = "first"', 'SHAPE = "second"'));
  await airflow.waitFor('the edited DAG is serialized', `select known <> $1 from (${hashes}) hashes`, [before!.known]);
  await airflow.trigger('reshaped', {}, RESHAPED_RUN.runId);
  await expectState(airflow, RESHAPED_RUN);
}
