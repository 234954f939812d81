import type pg from 'pg';
import { at, bury, prepareOracle, type Client, type SimulatedRows } from './simulatedRows.ts';
import { DAGS, ENDED, endingWithin, type PlannedRun, type Shape } from './simulation.ts';

/** The bundled scheduler's rows. */
export class SimulatedRunbeat implements SimulatedRows {
  constructor(
    private readonly pool: pg.Pool,
    private readonly shape: Shape,
  ) {}

  async prepare(): Promise<void> {
    const { edges, rules } = this.shape;
    const tasks = this.shape.tasks.map((task_id) => ({
      task_id,
      kind: 'function',
      upstream_task_ids: edges.filter(([, to]) => to === task_id).map(([from]) => from),
      trigger_rule: rules[task_id] ?? 'all_success',
      task_group: null,
    }));
    await this.pool.query(`insert into runbeat.dag_bundle (bundle_hash, code) values ('x', '')`);
    for (const dag of DAGS) {
      await this.pool.query(`insert into runbeat.dag (dag_id, fileloc) values ($1, 'x')`, [dag]);
      await this.pool.query(
        `insert into runbeat.dag_version (dag_id, version_number, dag_hash, bundle_hash, data) values ($1, 1, 'x', 'x', $2)`,
        [dag, { dag_id: dag, tasks }],
      );
    }
    await this.pool.query(`create schema oracle;
      create view oracle.present_run as select * from runbeat.dag_run;
      create view oracle.present_task as select *, false as is_marked from runbeat.task_instance`);
    await prepareOracle(this.pool, this.shape);
  }

  async insert(client: Client, runs: readonly PlannedRun[], level: number): Promise<number[]> {
    const done = level >= ENDED;
    const { rows } = await client.query<{ id: string; run_id: string }>(
      `insert into runbeat.dag_run (dag_id, run_id, run_type, state, conf, queued_at, start_date, end_date, dag_version_id)
       select r.dag_id, r.run_id, 'manual', ${done ? 'r.state' : `'running'`}, json_build_object('user_id', r.run_id),
         ${at('r.queued_us')}, ${at('r.start_us')}, ${done ? at('r.end_us') : 'null'}, v.id
       from json_to_recordset($1) as r(dag_id text, run_id text, state text, queued_us bigint, start_us bigint, end_us bigint)
       join runbeat.dag_version v using (dag_id) returning id, run_id`,
      [JSON.stringify(runs)],
    );
    const ids = new Map(rows.map((row) => [row.run_id, Number(row.id)]));
    await client.query(
      `insert into runbeat.task_instance (dag_run_id, dag_id, run_id, task_id, operator)
       select r.id, r.dag_id, r.run_id, t, 'function' from json_to_recordset($1) as r(id bigint, dag_id text, run_id text),
         unnest($2::text[]) t`,
      [JSON.stringify(runs.map(({ dag_id, run_id }) => ({ dag_id, run_id, id: ids.get(run_id) }))), this.shape.tasks],
    );
    const inOrder = runs.map((run) => ids.get(run.run_id)!);
    await this.endTasks(client, inOrder, runs, -1, level);
    return inOrder;
  }

  async advance(
    client: Client,
    ids: readonly number[],
    runs: readonly PlannedRun[],
    from: number,
    to: number,
  ): Promise<void> {
    await this.endTasks(client, ids, runs, from, to);
    if (to < ENDED) return;
    await client.query(
      `update runbeat.dag_run r set state = p.state, end_date = ${at('p.end_us')}
       from json_to_recordset($1) as p(run bigint, state text, end_us bigint) where r.id = p.run`,
      [JSON.stringify(runs.map((run, n) => ({ run: ids[n], state: run.state, end_us: run.end_us })))],
    );
  }

  follow(): Promise<void> {
    return Promise.resolve();
  }

  async clean(ids: readonly number[]): Promise<void> {
    await bury(this.pool, ids);
    await this.pool.query('delete from runbeat.dag_run where id = any($1)', [ids]);
  }

  async clear(ids: readonly number[], tasks: readonly string[]): Promise<void> {
    await bury(this.pool, ids);
    await this.pool.query(
      `update runbeat.task_instance set state = null, start_date = null, end_date = null, scheduled_dttm = null, queued_dttm = null
       where dag_run_id = any($1) and task_id = any($2)`,
      [ids, tasks],
    );
    await this.pool.query(
      `update runbeat.dag_run set state = 'running', end_date = null, clear_number = clear_number + 1 where id = any($1)`,
      [ids],
    );
  }

  private async endTasks(
    client: Client,
    ids: readonly number[],
    runs: readonly PlannedRun[],
    from: number,
    to: number,
  ): Promise<void> {
    const tasks = runs.flatMap((run, n) =>
      endingWithin(this.shape, run, from, to).map((task) => ({ ...task, run: ids[n] })),
    );
    await client.query(
      `update runbeat.task_instance t set state = p.state, try_number = p.try_number, reschedules = p.reschedules,
         scheduled_dttm = ${at('p.scheduled_us')}, queued_dttm = ${at('p.queued_us')}, start_date = ${at('p.start_us')},
         end_date = ${at('p.end_us')}
       from json_to_recordset($1) as p(run bigint, task_id text, state text, try_number int, reschedules int,
         scheduled_us bigint, queued_us bigint, start_us bigint, end_us bigint)
       where t.dag_run_id = p.run and t.task_id = p.task_id and t.map_index = -1`,
      [JSON.stringify(tasks)],
    );
  }
}
