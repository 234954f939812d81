import type pg from 'pg';

/**
 * A scheduler's database in fast motion: thousands of runs of one small DAG, with everything that makes counting hard.
 * Random, but the same for the same seed.
 */

export const TASKS = ['a', 'b', 'c', 'd', 'j1', 'j2', 'k', 'z'] as const;
export const EDGES: readonly (readonly [string, string])[] = [
  ['a', 'b'],
  ['a', 'c'],
  ['a', 'd'],
  ['b', 'j1'],
  ['c', 'j1'],
  ['c', 'j2'],
  ['d', 'j2'],
  ['j1', 'k'],
  ['j2', 'k'],
  ['k', 'z'],
];
export const RULES: Readonly<Record<string, string>> = {
  j2: 'one_success',
  k: 'none_failed_min_one_success',
  z: 'always',
};
const LEVELS: Readonly<Record<string, number>> = { a: 0, b: 1, c: 1, d: 1, j1: 2, j2: 2, k: 3, z: 4 };
const DAGS = ['alpha', 'beta', 'gamma'];

/** Small and good enough (mulberry32, public domain). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface PlannedTask {
  task_id: string;
  state: string;
  try_number: number;
  reschedules: number;
  scheduled_us: number | null;
  queued_us: number | null;
  start_us: number;
  end_us: number;
}

export interface PlannedRun {
  dag_id: string;
  run_id: string;
  state: string;
  queued_us: number;
  start_us: number;
  end_us: number;
  tasks: PlannedTask[];
}

export class Simulation {
  readonly random: () => number;
  private made = 0;
  private clockUs = Date.parse('2026-01-01T00:00:00Z') * 1000;

  constructor(
    private readonly pool: pg.Pool,
    seed: number,
  ) {
    this.random = randomOf(seed);
  }

  async prepare(): Promise<void> {
    const tasks = TASKS.map((task_id) => ({
      task_id,
      kind: 'function',
      upstream_task_ids: EDGES.filter(([, to]) => to === task_id).map(([from]) => from),
      trigger_rule: RULES[task_id] ?? 'all_success',
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
      create table oracle.dag_run as select * from runbeat.dag_run limit 0;
      create table oracle.task_instance as select * from runbeat.task_instance limit 0;
      create table oracle.history (dag_run_id bigint, task_id text, end_date timestamptz);
      create table oracle.edge (up text, down text, rule text)`);
    await this.pool.query(
      'insert into oracle.edge select * from json_to_recordset($1) as e(up text, down text, rule text)',
      [JSON.stringify(EDGES.map(([up, down]) => ({ up, down, rule: RULES[down] ?? 'all_success' })))],
    );
  }

  plan(count: number): PlannedRun[] {
    return Array.from({ length: count }, () => this.planRun());
  }

  private us(max: number): number {
    return 1 + Math.floor(this.random() * max);
  }

  private planRun(): PlannedRun {
    const queued = (this.clockUs += this.us(50_000));
    const start = queued + this.us(900_000);
    const ends: Record<string, number> = {};
    const tasks = TASKS.map((task_id): PlannedTask => {
      const upstream = EDGES.filter(([, to]) => to === task_id).map(([from]) => ends[from]!);
      const ready = task_id === 'j2' ? Math.min(...upstream) : Math.max(start, ...upstream);
      const task = this.planTask(task_id, ready);
      ends[task_id] = task.end_us;
      return task;
    });
    const failed = this.random() < 0.1;
    const end = Math.max(...tasks.map((task) => task.end_us)) + this.us(100_000);
    const dag_id = DAGS[Math.floor(this.random() * DAGS.length)]!;
    const run_id = `manual__${++this.made}`;
    return {
      dag_id,
      run_id,
      state: failed ? 'failed' : 'success',
      queued_us: queued,
      start_us: start,
      end_us: end,
      tasks,
    };
  }

  private planTask(task_id: string, readyUs: number): PlannedTask {
    const luck = this.random();
    const plain = { task_id, state: 'success', try_number: 1, reschedules: 0 };
    const kind =
      luck < 0.03 ? { state: 'failed' } : luck < 0.06 ? { try_number: 2 } : luck < 0.08 ? { reschedules: 2 } : {};
    if (luck > 0.92) {
      const at = readyUs + this.us(3_000);
      const state = luck > 0.96 ? 'skipped' : 'upstream_failed';
      return { ...plain, state, try_number: 0, scheduled_us: null, queued_us: null, start_us: at, end_us: at };
    }
    // Now and then the worker's clock is behind, and the task seems to start before its upstream ended.
    const from = luck > 0.9 ? readyUs - 50_000 : readyUs;
    const scheduled = from + this.us(20_000);
    const queued = scheduled + this.us(20_000);
    const start = queued + this.us(luck > 0.88 ? 5_000_000 : 5_000);
    return {
      ...plain,
      ...kind,
      scheduled_us: scheduled,
      queued_us: queued,
      start_us: start,
      end_us: start + this.us(2_000_000),
    };
  }

  /** Writes runs that have come as far as a level (4 = ended) and returns their ids in the same order. */
  async insert(client: Pick<pg.ClientBase, 'query'>, runs: readonly PlannedRun[], level: number): Promise<number[]> {
    const done = level >= 4;
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
      [JSON.stringify(runs.map(({ dag_id, run_id }) => ({ dag_id, run_id, id: ids.get(run_id) }))), TASKS],
    );
    const inOrder = runs.map((run) => ids.get(run.run_id)!);
    await this.advance(client, inOrder, runs, -1, level, false);
    return inOrder;
  }

  /** Brings runs from one level to another; at the last one the run ends too. */
  async advance(
    client: Pick<pg.ClientBase, 'query'>,
    ids: readonly number[],
    runs: readonly PlannedRun[],
    from: number,
    to: number,
    endRun = to >= 4,
  ): Promise<void> {
    const tasks = runs.flatMap((run, n) =>
      run.tasks
        .filter((task) => LEVELS[task.task_id]! > from && LEVELS[task.task_id]! <= to)
        .map((task) => ({ ...task, run: ids[n] })),
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
    if (!endRun) return;
    await client.query(
      `update runbeat.dag_run r set state = p.state, end_date = ${at('p.end_us')}
       from json_to_recordset($1) as p(run bigint, state text, end_us bigint) where r.id = p.run`,
      [JSON.stringify(runs.map((run, n) => ({ run: ids[n], state: run.state, end_us: run.end_us })))],
    );
  }

  /** Keeps rows for the oracle that the database is about to lose. */
  private async bury(ids: readonly number[]): Promise<void> {
    await this.pool.query('insert into oracle.dag_run select * from runbeat.dag_run where id = any($1)', [ids]);
    await this.pool.query(
      'insert into oracle.task_instance select * from runbeat.task_instance where dag_run_id = any($1)',
      [ids],
    );
  }

  /** As `airflow db clean` does. */
  async clean(ids: readonly number[]): Promise<void> {
    await this.bury(ids);
    await this.pool.query('delete from runbeat.dag_run where id = any($1)', [ids]);
  }

  /** Clears the tasks from the second join on: the run is active again. Returns a plan of how it ends this time. */
  async clear(ids: readonly number[], runs: readonly PlannedRun[]): Promise<PlannedRun[]> {
    await this.bury(ids);
    await this.pool.query(
      `update runbeat.task_instance set state = null, start_date = null, end_date = null, scheduled_dttm = null, queued_dttm = null
       where dag_run_id = any($1) and task_id in ('k', 'z')`,
      [ids],
    );
    await this.pool.query(
      `update runbeat.dag_run set state = 'running', end_date = null, clear_number = clear_number + 1 where id = any($1)`,
      [ids],
    );
    return runs.map((run) => this.secondEnding(run));
  }

  private secondEnding(run: PlannedRun): PlannedRun {
    const shift = 60_000_000 + this.us(1_000_000);
    const later = (us: number | null): number | null => (us === null ? null : us + shift);
    const tasks = run.tasks.map((task) =>
      LEVELS[task.task_id]! < 3
        ? task
        : {
            ...task,
            try_number: task.try_number + 1,
            scheduled_us: later(task.scheduled_us),
            queued_us: later(task.queued_us),
            start_us: task.start_us + shift,
            end_us: task.end_us + shift,
          },
    );
    return { ...run, end_us: run.end_us + shift, state: 'success', tasks };
  }

  /** What has ended by now is history to an exporter that comes later. */
  async declareHistory(): Promise<void> {
    await this.pool.query(
      `insert into oracle.history select dag_run_id, task_id, end_date from runbeat.task_instance where end_date is not null`,
    );
    await this.pool.query(
      `insert into oracle.history select id, null, end_date from runbeat.dag_run where end_date is not null`,
    );
  }
}

function at(us: string): string {
  return `('epoch'::timestamptz + ${us} * interval '1 microsecond')`;
}
