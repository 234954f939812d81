import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Airflow } from '../lab/airflow.ts';

/** Something that people or accidents do to an Airflow that stays healthy. A later disturbance undoes it. */
interface Disturbance {
  name: string;
  /** Returns whether there was something to disturb. */
  act: (airflow: Airflow) => Promise<boolean>;
}

const BACKFILLED_DAYS = 2;

/** Performs the disturbances in turn and counts them. If one fails, its error is reported, and the others go on. */
export class Disturber {
  readonly done: Record<string, number> = Object.fromEntries(DISTURBANCES.map(({ name }) => [name, 0]));
  private turn = 0;

  constructor(
    private readonly airflow: Airflow,
    private readonly say: (line: string) => void,
  ) {}

  async next(): Promise<void> {
    const { name, act } = DISTURBANCES[this.turn++ % DISTURBANCES.length]!;
    try {
      if (await act(this.airflow)) this.done[name]! += 1;
    } catch (error) {
      this.say(`${name}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
}

interface RunName {
  dag_id: string;
  run_id: string;
}

const DISTURBANCES: readonly Disturbance[] = [
  { name: 'dag_edited_while_it_runs', act: (airflow) => edit(airflow, swapShape) },
  { name: 'manual_runs', act: manualRuns },
  { name: 'dags_paused_or_unpaused', act: togglePauses },
  { name: 'task_killed', act: killTask },
  { name: 'run_for_a_later_time', act: runForLater },
  { name: 'import_error', act: (airflow) => edit(airflow, (text) => `raise ImportError("broken")\n${text}`) },
  { name: 'run_marked_failed', act: (airflow) => markRun(airflow, 'failed') },
  { name: 'import_error_mended', act: (airflow) => edit(airflow, (text) => text.replace(/^raise .*\n/, '')) },
  { name: 'run_cleared', act: clearRun },
  { name: 'manual_runs', act: manualRuns },
  { name: 'pool_shrunk', act: (airflow) => resizePool(airflow, 2) },
  { name: 'task_marked_success', act: markTask },
  { name: 'backfill_started', act: startBackfill },
  { name: 'second_scheduler_started', act: startSecondScheduler },
  { name: 'instances_removed_by_a_clear', act: shrink },
  { name: 'run_marked_success', act: (airflow) => markRun(airflow, 'success') },
  { name: 'dags_paused_or_unpaused', act: togglePauses },
  { name: 'pool_grown_again', act: (airflow) => resizePool(airflow, 3) },
  { name: 'backfill_paused', act: (airflow) => pauseBackfills(airflow, true) },
  { name: 'second_scheduler_killed', act: killSecondScheduler },
  { name: 'dag_file_removed', act: (airflow) => move(airflow, 'changing.py', 'changing.gone') },
  { name: 'backfill_unpaused', act: (airflow) => pauseBackfills(airflow, false) },
  { name: 'scheduler_restarted', act: restartScheduler },
  { name: 'run_cleared', act: clearRun },
  { name: 'dag_file_back', act: (airflow) => move(airflow, 'changing.gone', 'changing.py') },
];

async function manualRuns(airflow: Airflow): Promise<boolean> {
  for (const dagId of ['kind_manual', 'kind_manual', 'kind_killed', 'kind_shrinking', 'changing'])
    await airflow.trigger(dagId);
  return true;
}

/** In Airflow 3, a run starts after its run_after, and its tasks start after its logical date. */
async function runForLater(airflow: Airflow): Promise<boolean> {
  const soon = (): string => new Date(Date.now() + 60_000 + Math.random() * 1_000).toISOString();
  const runId = (kind: string): string => `later_${kind}_${new Date().toISOString()}`;
  await airflow.api.trigger('kind_manual', {}, runId('logical'), { logical_date: soon() });
  if (airflow.release.major === 2) return true;
  await airflow.api.trigger('kind_manual', {}, runId('after'), { run_after: soon() });
  await airflow.api.trigger('kind_manual', {}, runId('both'), {
    logical_date: soon(),
    run_after: new Date().toISOString(),
  });
  return true;
}

async function togglePauses(airflow: Airflow): Promise<boolean> {
  await airflow.query(
    "update dag set is_paused = not is_paused where dag_id ~ '^(catchup_|paused_now_and_then|kind_depends)'",
  );
  return true;
}

async function killTask(airflow: Airflow): Promise<boolean> {
  const [found] = await airflow.query<{ pid: number }>(
    "select pid from task_instance where dag_id = 'kind_killed' and state = 'running' and pid is not null limit 1",
  );
  // Other Airflows may run on this machine.
  if (!found || !airflow.processes.owns(found.pid)) return false;
  process.kill(found.pid, 'SIGKILL');
  return true;
}

async function markRun(airflow: Airflow, state: 'success' | 'failed'): Promise<boolean> {
  const run = await someRun(airflow, 'running', "dag_id in ('kind_manual', 'kind_long_tasks', 'kind_sensors')");
  if (run) await airflow.api.markRun(run.dag_id, run.run_id, state);
  return run !== undefined;
}

async function markTask(airflow: Airflow): Promise<boolean> {
  const [found] = await airflow.query<RunName & { task_id: string }>(
    `select t.dag_id, t.run_id, t.task_id from task_instance t join dag_run r using (dag_id, run_id)
      where r.state = 'running' and t.dag_id in ('kind_retries', 'kind_long_tasks', 'kind_priorities')
        and (t.state is null or t.state in ('running', 'scheduled', 'up_for_retry')) order by random() limit 1`,
  );
  if (found) await airflow.api.markTask(found.dag_id, found.run_id, found.task_id, 'success');
  return found !== undefined;
}

async function clearRun(airflow: Airflow): Promise<boolean> {
  const run = await someRun(airflow, 'success', "dag_id in ('kind_manual', 'kind_branches', 'kind_setup_teardown')");
  if (run) await airflow.clear(run.dag_id, run.run_id, await tasksOf(airflow, run));
  return run !== undefined;
}

/** Clears a run with five mapped instances after the DAG has changed to three, so that Airflow removes two. */
async function shrink(airflow: Airflow): Promise<boolean> {
  const run = await someRun(airflow, 'success', "dag_id = 'kind_shrinking'");
  if (!run) return false;
  writeFileSync(path.join(airflow.home, 'shrunk'), '');
  await airflow.clear(run.dag_id, run.run_id, await tasksOf(airflow, run));
  return true;
}

async function tasksOf(airflow: Airflow, run: RunName): Promise<string[]> {
  const rows = await airflow.query<{ task_id: string }>(
    'select distinct task_id from task_instance where dag_id = $1 and run_id = $2',
    [run.dag_id, run.run_id],
  );
  return rows.map(({ task_id: id }) => id);
}

async function someRun(airflow: Airflow, state: string, condition: string): Promise<RunName | undefined> {
  const sql = `select dag_id, run_id from dag_run where state = $1 and ${condition} order by random() limit 1`;
  return (await airflow.query<RunName>(sql, [state]))[0];
}

async function resizePool(airflow: Airflow, slots: number): Promise<boolean> {
  await airflow.query("update slot_pool set slots = $1 where pool = 'three_slots'", [slots]);
  return true;
}

async function startBackfill(airflow: Airflow): Promise<boolean> {
  const to = new Date(Date.now() - Math.floor(Math.random() * 20 + 1) * 86_400_000);
  const from = new Date(to.getTime() - (BACKFILLED_DAYS / 24) * 86_400_000 * 2);
  if (airflow.release.major === 3) {
    await airflow.api.backfill('kind_backfilled', from, to);
    return true;
  }
  const period = ['-s', from.toISOString(), '-e', to.toISOString()];
  airflow.processes.startAside('backfill', ['dags', 'backfill', ...period, 'kind_backfilled']);
  return true;
}

async function pauseBackfills(airflow: Airflow, paused: boolean): Promise<boolean> {
  if (airflow.release.major === 2) return false;
  const found = await airflow.query<{ id: number }>(
    'select id from backfill where completed_at is null and is_paused <> $1',
    [paused],
  );
  for (const { id } of found) await airflow.api.pauseBackfill(id, paused);
  return found.length > 0;
}

export const SECOND_SCHEDULER = 'second-scheduler';

async function startSecondScheduler(airflow: Airflow): Promise<boolean> {
  if (airflow.processes.has(SECOND_SCHEDULER)) return false;
  airflow.processes.start(SECOND_SCHEDULER, ['scheduler', '--skip-serve-logs']);
  return true;
}

async function killSecondScheduler(airflow: Airflow): Promise<boolean> {
  if (!airflow.processes.has(SECOND_SCHEDULER)) return false;
  await airflow.processes.kill(SECOND_SCHEDULER);
  return true;
}

async function restartScheduler(airflow: Airflow): Promise<boolean> {
  await airflow.processes.restart('scheduler');
  return true;
}

async function move(airflow: Airflow, from: string, to: string): Promise<boolean> {
  renameSync(path.join(airflow.dagsFolder, from), path.join(airflow.dagsFolder, to));
  return true;
}

async function edit(airflow: Airflow, change: (text: string) => string): Promise<boolean> {
  const file = path.join(airflow.dagsFolder, 'changing.py');
  const before = readFileSync(file, 'utf8');
  const after = change(before);
  writeFileSync(file, after);
  return after !== before;
}

function swapShape(text: string): string {
  return text.replace(/SHAPE = "(first|second)"/, (_, shape) => `SHAPE = "${shape === 'first' ? 'second' : 'first'}"`);
}
