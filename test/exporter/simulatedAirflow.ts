import type pg from 'pg';
import { at, bury, prepareOracle, type Client, type SimulatedRows } from './simulatedRows.ts';
import {
  DAGS,
  ENDED,
  endingWithin,
  WRITTEN_TWICE,
  type PlannedRun,
  type PlannedTask,
  type Shape,
} from './simulation.ts';

/** A task instance of a run, as JSON for the statements below. */
type TaskOfRun = PlannedTask & Pick<PlannedRun, 'dag_id' | 'run_id'>;

const TASK_FIELDS = `dag_id text, run_id text, task_id text, map_index int, state text, try_number int, reschedules int,
  scheduled_us bigint, queued_us bigint, start_us bigint, end_us bigint`;
const SAME_TASK = 't.dag_id = p.dag_id and t.run_id = p.run_id and t.task_id = p.task_id';

/** Impossible timestamps, and an unknown state. Each batch has one run of each kind, which are not counted. */
const ODD_MOMENTS = ["'infinity'", "'-infinity'", "'294276-12-31 23:59:59'", "'4713-01-01 BC'", 'null'];
const ODD = 'odd';

/** Rows of Airflow 3.3, with what only Airflow writes: tasks marked by hand, deferrals, mapped tasks, odd rows. */
export class SimulatedAirflow implements SimulatedRows {
  private version = 1;
  private odd = 0;
  /** Tasks whose end will be written a second time. */
  private again: TaskOfRun[] = [];

  constructor(
    private readonly pool: pg.Pool,
    private readonly shape: Shape,
  ) {}

  async prepare(): Promise<void> {
    const { edges } = this.shape;
    for (const dag of [...DAGS, ODD]) {
      await this.pool.query(
        `insert into dag (dag_id, is_paused, is_stale, max_active_tasks, has_task_concurrency_limits, max_active_runs,
           max_consecutive_failed_dag_runs, bundle_name, timetable_type, partition_mapper_info)
         values ($1, false, false, 16, false, 16, 0, 'dags', 'none', '{}')`,
        [dag],
      );
      await this.addVersion(dag, 1, this.serialized(dag, edges));
      // The structure that the exporter reads first, which differs from that of the runs.
      await this.addVersion(dag, 2, this.serialized(dag, []));
    }
    await this.pool.query(`
      insert into job (job_type, state, start_date, latest_heartbeat, hostname) values ('SchedulerJob', 'running', now(), now(), 'alpha');
      insert into dag_run (dag_id, run_id, run_type, state, run_after, queued_at, created_dag_version_id)
        select dag_id, 'first_of_version', 'manual', 'running', now(), now(), id from dag_version where version_number = 2;
      create schema oracle;
      create view oracle.present_run as select id::bigint, dag_id, run_id, state, queued_at, start_date, end_date, clear_number
        from dag_run where dag_id <> '${ODD}';
      create view oracle.present_task as select r.id::bigint as dag_run_id, t.dag_id, t.task_id, t.map_index, t.state, t.try_number,
          (select count(*) from task_reschedule s where s.ti_id = t.id) as reschedules, t.scheduled_dttm, t.queued_dttm,
          t.start_date, t.end_date, t.try_number = 0 and t.queued_dttm is null as is_marked
        from task_instance t join dag_run r using (dag_id, run_id) where t.dag_id <> '${ODD}'`);
    await this.insertTasks(
      this.pool,
      DAGS.map((dag_id) => ({ dag_id, run_id: 'first_of_version' })),
      2,
    );
    await prepareOracle(this.pool, this.shape);
  }

  async insert(client: Client, runs: readonly PlannedRun[], level: number): Promise<number[]> {
    const done = level >= ENDED;
    const { rows } = await client.query<{ id: string; run_id: string }>(
      `insert into dag_run (dag_id, run_id, run_type, state, conf, run_after, queued_at, start_date, end_date, created_dag_version_id)
       select r.dag_id, r.run_id, 'manual', ${done ? 'r.state' : `'running'`}, jsonb_build_object('user_id', r.run_id),
         ${at('r.queued_us')}, ${at('r.queued_us')}, ${at('r.start_us')}, ${done ? at('r.end_us') : 'null'}, v.id
       from json_to_recordset($1) as r(dag_id text, run_id text, state text, queued_us bigint, start_us bigint, end_us bigint)
       join dag_version v on v.dag_id = r.dag_id and v.version_number = $2 returning id, run_id`,
      [JSON.stringify(runs), this.version],
    );
    await this.insertTasks(client, runs, this.version);
    await this.endTasks(client, runs, -1, level);
    await this.insertOdd(client);
    const ids = new Map(rows.map((row) => [row.run_id, Number(row.id)]));
    return runs.map((run) => ids.get(run.run_id)!);
  }

  async advance(
    client: Client,
    ids: readonly number[],
    runs: readonly PlannedRun[],
    from: number,
    to: number,
  ): Promise<void> {
    await this.endTasks(client, runs, from, to);
    if (to < ENDED) return;
    await client.query(
      `update dag_run r set state = p.state, end_date = ${at('p.end_us')}, updated_at = clock_timestamp()
       from json_to_recordset($1) as p(run bigint, state text, end_us bigint) where r.id = p.run`,
      [JSON.stringify(runs.map((run, n) => ({ run: ids[n], state: run.state, end_us: run.end_us })))],
    );
  }

  async follow(): Promise<void> {
    const tasks = this.again;
    this.again = [];
    await this.pool.query(
      `update task_instance t set end_date = t.end_date + interval '1 second', updated_at = clock_timestamp()
       from json_to_recordset($1) as p(${TASK_FIELDS}) where ${SAME_TASK} and t.end_date = ${at('p.end_us')}`,
      [JSON.stringify(tasks)],
    );
    if (this.version === 2) return;
    // Airflow changes a version in place as long as it has no task instances.
    await this.pool.query(`delete from dag_run where run_id = 'first_of_version'`);
    for (const dag of DAGS) {
      await this.pool.query(
        `update serialized_dag set data = $2, dag_hash = 'changed' where dag_version_id = (
           select id from dag_version where dag_id = $1 and version_number = 2)`,
        [dag, this.serialized(dag, this.shape.edges)],
      );
    }
    this.version = 2;
  }

  async clean(ids: readonly number[]): Promise<void> {
    await bury(this.pool, ids);
    await this.pool.query('delete from dag_run where id = any($1)', [ids]);
  }

  async clear(ids: readonly number[], tasks: readonly string[]): Promise<void> {
    await bury(this.pool, ids);
    const cleared =
      'from dag_run r where r.id = any($1) and r.dag_id = t.dag_id and r.run_id = t.run_id and t.task_id = any($2)';
    await this.pool.query(
      `insert into task_instance_history (task_instance_id, task_id, dag_id, run_id, map_index, try_number, start_date, end_date,
         state, pool, pool_slots, queued_dttm, scheduled_dttm)
       select t.id, t.task_id, t.dag_id, t.run_id, t.map_index, t.try_number, t.start_date, t.end_date, t.state, t.pool, 1,
         t.queued_dttm, t.scheduled_dttm from task_instance t, dag_run r
       where r.id = any($1) and r.dag_id = t.dag_id and r.run_id = t.run_id and t.task_id = any($2)`,
      [ids, tasks],
    );
    await this.pool.query(
      `delete from task_reschedule s using task_instance t, dag_run r where s.ti_id = t.id
         and r.id = any($1) and r.dag_id = t.dag_id and r.run_id = t.run_id and t.task_id = any($2)`,
      [ids, tasks],
    );
    await this.pool.query(
      `update task_instance t set id = gen_random_uuid(), state = null, start_date = null, end_date = null, scheduled_dttm = null,
         queued_dttm = null, updated_at = clock_timestamp() ${cleared}`,
      [ids, tasks],
    );
    await this.pool.query(
      `update dag_run set state = 'running', end_date = null, clear_number = clear_number + 1, updated_at = clock_timestamp()
       where id = any($1)`,
      [ids],
    );
  }

  private serialized(dag_id: string, edges: Shape['edges']): object {
    const { tasks, rules } = this.shape;
    const operators = tasks.map((task_id) => ({
      __type: 'operator',
      __var: {
        task_id,
        task_type: 'PythonOperator',
        ...(rules[task_id] ? { trigger_rule: rules[task_id] } : {}),
        downstream_task_ids: edges.filter(([from]) => from === task_id).map(([, to]) => to),
      },
    }));
    return { __version: 3, dag: { dag_id, tasks: operators } };
  }

  private async addVersion(dag: string, number: number, data: object): Promise<void> {
    await this.pool.query(
      `with version as (insert into dag_version (id, version_number, dag_id, created_at, last_updated)
         values (gen_random_uuid(), $2, $1, now(), now()) returning id)
       insert into serialized_dag (id, dag_id, data, dag_hash, created_at, last_updated, dag_version_id)
         select gen_random_uuid(), $1, $3, 'first', now(), now(), id from version`,
      [dag, number, data],
    );
  }

  /** A mapped task has a single row until its instances are known. */
  private async insertTasks(
    client: Client,
    runs: readonly Pick<PlannedRun, 'dag_id' | 'run_id'>[],
    version: number,
  ): Promise<void> {
    await client.query(
      `insert into task_instance (id, dag_id, run_id, task_id, map_index, try_number, pool, pool_slots, priority_weight, queue,
         operator, hostname, dag_version_id, updated_at)
       select gen_random_uuid(), r.dag_id, r.run_id, task, -1, 0, 'default_pool', 1, 1, 'default', 'PythonOperator', '', v.id,
         clock_timestamp()
       from json_to_recordset($1) as r(dag_id text, run_id text) join dag_version v on v.dag_id = r.dag_id and v.version_number = $3,
         unnest($2::text[]) task`,
      [JSON.stringify(runs.map(({ dag_id, run_id }) => ({ dag_id, run_id }))), this.shape.tasks, version],
    );
  }

  private async endTasks(client: Client, runs: readonly PlannedRun[], from: number, to: number): Promise<void> {
    const tasks: TaskOfRun[] = runs.flatMap((run) =>
      endingWithin(this.shape, run, from, to).map((task) => ({ ...task, dag_id: run.dag_id, run_id: run.run_id })),
    );
    const json = JSON.stringify(tasks);
    await this.expand(client, json);
    await client.query(
      `update task_instance t set state = p.state, try_number = p.try_number, scheduled_dttm = ${at('p.scheduled_us')},
         queued_dttm = ${at('p.queued_us')}, start_date = ${at('p.start_us')}, end_date = ${at('p.end_us')},
         hostname = case when p.try_number = 0 then '' else 'worker' end, updated_at = clock_timestamp()
       from json_to_recordset($1) as p(${TASK_FIELDS}) where ${SAME_TASK} and t.map_index = p.map_index`,
      [json],
    );
    await client.query(
      `insert into task_reschedule (ti_id, start_date, end_date, duration, reschedule_date)
       select t.id, t.start_date, t.end_date, 1, t.end_date
       from json_to_recordset($1) as p(${TASK_FIELDS}) join task_instance t on ${SAME_TASK} and t.map_index = p.map_index,
         generate_series(1, p.reschedules)`,
      [json],
    );
    this.again.push(...tasks.filter(({ task_id, try_number }) => task_id === WRITTEN_TWICE && try_number > 0));
  }

  /** The single row becomes the first instance, and the others are added. */
  private async expand(client: Client, json: string): Promise<void> {
    await client.query(
      `update task_instance t set map_index = 0 from json_to_recordset($1) as p(${TASK_FIELDS})
       where ${SAME_TASK} and p.map_index = 0 and t.map_index = -1`,
      [json],
    );
    await client.query(
      `insert into task_instance (id, dag_id, run_id, task_id, map_index, try_number, pool, pool_slots, priority_weight, queue,
         operator, hostname, dag_version_id, updated_at)
       select gen_random_uuid(), t.dag_id, t.run_id, t.task_id, p.map_index, 0, t.pool, 1, 1, t.queue, t.operator, '',
         t.dag_version_id, clock_timestamp()
       from json_to_recordset($1) as p(${TASK_FIELDS}) join task_instance t on ${SAME_TASK} and t.map_index = 0
       where p.map_index > 0 on conflict do nothing`,
      [json],
    );
  }

  private async insertOdd(client: Client): Promise<void> {
    const [start, end] = [this.odd, Math.floor(this.odd / ODD_MOMENTS.length)].map(
      (n) => ODD_MOMENTS[n % ODD_MOMENTS.length]!,
    );
    const state = this.odd % 3 === 0 ? `'success'` : `'running'`;
    const runId = `odd_${this.odd++}`;
    await client.query(`
      insert into dag_run (dag_id, run_id, run_type, state, conf, run_after, queued_at, start_date, end_date, created_dag_version_id)
        select '${ODD}', '${runId}', 'manual', ${state}, '{}', now(), ${end}, ${start}, ${end}, id from dag_version
          where dag_id = '${ODD}' and version_number = 1;
      insert into task_instance (id, dag_id, run_id, task_id, try_number, pool, pool_slots, start_date, end_date, state, dag_version_id, updated_at)
        select gen_random_uuid(), '${ODD}', '${runId}', task, 1, 'default_pool', 1, ${start}, ${end},
          case task when 'a' then null when 'b' then 'strange' else 'success' end, id, ${end}
        from dag_version, unnest(array['a', 'b', 'c']) task where dag_id = '${ODD}' and version_number = 1`);
  }
}
