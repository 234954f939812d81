import type pg from 'pg';
import { runPath } from '../shared/api.ts';
import { addFinishedRuns, addFinishedTasks, startAirflowLab, TASKS_PER_RUN } from './airflowLab.ts';
import { round, startExporterProcess, timed, untilCaughtUp } from './exporterProcess.ts';
import { judged, percentile, tell, type Bench } from './figure.ts';

const FULL = 5_000;
const ASKED = 100;
/** Number of warm-up requests, after which the code is compiled. */
const WARM = 30;
const LIMIT_MS = 50;
const RUNS = 100;

/**
 * The response about one run with `--scale` task instances (a chain of forty mapped tasks with traces in an Airflow 3.3) over HTTP: tasks,
 * edges, transitions and critical path. Measured for the first request, for repeated requests, and after a change.
 */
export const run: Bench = async ({ scale = FULL }, print) => {
  const lab = await startAirflowLab(`run-${scale}`, async (client) => {
    await addFinishedRuns(client, RUNS, RUNS);
    await addFinishedTasks(client);
    await mapTasks(client, Math.max(1, Math.round(scale / TASKS_PER_RUN)));
  });
  try {
    const settings = { RUNBEAT_SOURCE_URL: lab.readerUrl, RUNBEAT_SOURCE_NAME: 'a', RUNBEAT_INDEX_URL: lab.index.url };
    const exporter = await startExporterProcess(settings);
    try {
      await untilCaughtUp(exporter, RUNS);
      const { rows } = await lab.client.query<{ dag_id: string; run_id: string }>(
        'select dag_id, run_id from task_instance group by 1, 2 order by count(*) desc limit 1',
      );
      const path = runPath('a', rows[0]!.dag_id, rows[0]!.run_id);
      const { tasks } = JSON.parse(await exporter.get(path)) as { tasks: { trace_id: string | null }[] };
      tell(`${tasks.length} task instances, ${tasks.filter((task) => task.trace_id).length} with a trace`);
      await timed(WARM, () => exporter.get(path));
      const times = await timed(ASKED, () => exporter.get(path));
      const anew = await timed(
        ASKED,
        () => exporter.get(path),
        () => touch(lab.client),
      );
      for (const [name, taken, vs] of [
        ['', times, 'asked again'],
        ['anew_', anew, 'asked for the first time, or after a change'],
      ] as const) {
        const figure = {
          bench: 'run',
          unit: 'ms',
          vs: `${tasks.length} task instances, ${vs}`,
          better: 'lower' as const,
        };
        print(judged({ ...figure, metric: `${name}p50_ms`, value: round(percentile(taken, 0.5)), limit: LIMIT_MS }));
        print({ ...figure, metric: `${name}p99_ms`, value: round(percentile(taken, 0.99)) });
      }
    } finally {
      await exporter.stop();
    }
  } finally {
    await lab.stop();
  }
};

/** Updates the row of the newest run, so that its cached response becomes invalid. */
async function touch(client: pg.Client): Promise<void> {
  await client.query('update dag_run set state = state where id = (select max(id) from dag_run)');
}

/** The tasks of the newest run, each with this many mapped instances. */
async function mapTasks(client: pg.Client, instances: number): Promise<void> {
  await client.query(
    `with newest as (select dag_id, run_id from dag_run order by id desc limit 1)
     insert into task_instance (id, task_id, dag_id, run_id, map_index, start_date, end_date, duration, state, try_number, max_tries,
       hostname, pool, pool_slots, queue, operator, scheduled_dttm, queued_dttm, updated_at, dag_version_id, span_status, context_carrier)
     select gen_random_uuid(), t.task_id, t.dag_id, t.run_id, n, t.start_date, t.end_date, t.duration, t.state, t.try_number, t.max_tries,
       t.hostname, t.pool, t.pool_slots, t.queue, t.operator, t.scheduled_dttm, t.queued_dttm, t.updated_at, t.dag_version_id, t.span_status,
       jsonb_build_object('__type', 'dict', '__var', jsonb_build_object('traceparent', '00-' || md5(t.task_id || n) || '-00f067aa0ba902b7-01'))
     from task_instance t join newest using (dag_id, run_id), generate_series(0, $1 - 1) n where t.map_index = -1`,
    [instances],
  );
  await client.query(
    `delete from task_instance t using (select dag_id, run_id from dag_run order by id desc limit 1) newest
     where t.dag_id = newest.dag_id and t.run_id = newest.run_id and t.map_index = -1`,
  );
  await client.query('vacuum analyze task_instance');
}
