import path from 'node:path';
import { startAirflow, type Airflow } from './airflow.ts';
import type { Progress } from '../../../cli/demo/airflow/install.ts';

export interface TransitionOptions {
  /** Runs of the 40-task DAG that are started at once. */
  runs: number;
  /** Tasks that the LocalExecutor runs at once. 32 is Airflow's default, which was the fastest on two cores. */
  parallelism?: number;
  progress?: Progress;
}

/** Milliseconds from the end of a task's last upstream to its start, by Airflow's own timestamps. */
export interface AirflowTransitions {
  airflow: string;
  /** How many transitions were measured: 39 a run. */
  transitions: number;
  p50_ms: number;
  p99_ms: number;
  /** The medians of its three parts: until the scheduler noticed the task, until it was queued, and until it started. */
  noticed_p50_ms: number;
  queued_p50_ms: number;
  started_p50_ms: number;
  /** From the first run's start to the last run's end. */
  seconds: number;
}

const DAG = 'onboarding';

/** Runs the 40-task DAG of no-op tasks in a real Airflow 3, on a durable PostgreSQL, and calculates the latency from its rows. */
export async function measureAirflowTransitions(options: TransitionOptions): Promise<AirflowTransitions> {
  const progress = options.progress ?? (() => undefined);
  const airflow = await startAirflow('airflow3.1', {
    dagsFolder: path.resolve(import.meta.dirname, '../dags'),
    awaitDags: [DAG],
    parallelism: options.parallelism ?? 32,
    durable: true,
    progress,
  });
  try {
    const runIds = Array.from({ length: options.runs }, (_, index) => `bench_${index}`);
    for (const runId of runIds) await airflow.trigger(DAG, {}, runId);
    progress(`${options.runs} runs of ${DAG} under way`);
    for (const runId of runIds) await airflow.waitForRun(DAG, runId, ['success'], 30_000 * options.runs);
    return { airflow: airflow.release.version, ...(await readTransitions(airflow)) };
  } finally {
    await airflow.stop();
  }
}

async function readTransitions(airflow: Airflow): Promise<Omit<AirflowTransitions, 'airflow'>> {
  const [row] = await airflow.query<Omit<AirflowTransitions, 'airflow'>>(TRANSITIONS, [DAG]);
  return row!;
}

/** Every task of this DAG waits for all of its upstreams, runs once, and is never skipped, so the latest end always counts. */
const TRANSITIONS = `
  with edge as (
    select task -> '__var' ->> 'task_id' as upstream, downstream
      from serialized_dag,
           jsonb_array_elements(data::jsonb -> 'dag' -> 'tasks') as task,
           jsonb_array_elements_text(task -> '__var' -> 'downstream_task_ids') as downstream
     where dag_id = $1
  ), transition as (
    select next.start_date, next.scheduled_dttm, next.queued_dttm, max(previous.end_date) as ready
      from edge
      join task_instance next on next.dag_id = $1 and next.task_id = edge.downstream
      join task_instance previous on previous.dag_id = $1 and previous.task_id = edge.upstream and previous.run_id = next.run_id
     group by next.id
  ), part as (
    select extract(epoch from start_date - ready) * 1000 as whole,
           extract(epoch from scheduled_dttm - ready) * 1000 as noticed,
           extract(epoch from queued_dttm - scheduled_dttm) * 1000 as queued,
           extract(epoch from start_date - queued_dttm) * 1000 as started
      from transition
  )
  select count(*)::int as transitions,
         percentile_cont(0.5) within group (order by whole) as p50_ms,
         percentile_cont(0.99) within group (order by whole) as p99_ms,
         percentile_cont(0.5) within group (order by noticed) as noticed_p50_ms,
         percentile_cont(0.5) within group (order by queued) as queued_p50_ms,
         percentile_cont(0.5) within group (order by started) as started_p50_ms,
         (select extract(epoch from max(end_date) - min(start_date))::float from dag_run where dag_id = $1) as seconds
    from part`;
