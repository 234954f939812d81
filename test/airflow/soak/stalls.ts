import type { Airflow } from '../lab/airflow.ts';
import type { Observer } from '../live/observer.ts';

const TOLD_SECONDS = 15;
/** On a busy machine, the tasks before a stall take minutes. */
const WAITED_MS = 300_000;

/**
 * Keeps the scheduler from its work in several ways, one after the other, while it goes on sending heartbeats. Returns for each way
 * whether the gauge rose above the limit for a healthy scheduler.
 */
export async function tellsStalls(airflow: Airflow, observer: Observer): Promise<Record<string, boolean>> {
  const told: Record<string, boolean> = {};
  for (const [name, begin] of Object.entries({
    pools_locked: () => airflow.lockPools(),
    run_locked: () => lockRun(airflow),
  })) {
    await until(async () => (await ageOf(observer)) < TOLD_SECONDS / 2);
    const end = await begin();
    told[name] = await until(async () => (await ageOf(observer)) > TOLD_SECONDS);
    await end();
  }
  return told;
}

/** A run whose upstreams are running. Once they have ended, it can only continue if a scheduler can lock the run. */
async function lockRun(airflow: Airflow): Promise<() => Promise<void>> {
  const found = async (): Promise<{ id: number } | undefined> =>
    (
      await airflow.query<{ id: number }>(
        `select r.id from dag_run r join task_instance t using (dag_id, run_id)
          where r.state = 'running' and t.task_id = 'first' and t.state in ('queued', 'running')
            and r.dag_id in (select dag_id from dag where not is_paused and (dag_id like 'catchup%' or dag_id = 'limited'))`,
      )
    )[0];
  // Through the API, as a person would: an UPDATE of several rows could deadlock with one of the scheduler.
  const dags = await airflow.query<{ dag_id: string }>("select dag_id from dag where dag_id like 'catchup%'");
  for (const { dag_id } of dags) await airflow.unpause(dag_id);
  let run: { id: number } | undefined;
  if (!(await until(async () => (run = await found()) !== undefined))) throw new Error('No run is under way.');
  return airflow.lock(`select from dag_run where id = ${run!.id} for update`);
}

/** NaN while the exporter reports no value. */
async function ageOf(observer: Observer): Promise<number> {
  return (await observer.oldestReady())?.ageSeconds ?? NaN;
}

/** Whether the condition was met in time. */
async function until(holds: () => Promise<boolean>): Promise<boolean> {
  const deadline = performance.now() + WAITED_MS;
  while (!(await holds())) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return true;
}
