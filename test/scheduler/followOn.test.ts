import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setPaused } from '../../scheduler/control.ts';
import { FollowOnService } from '../../scheduler/services/followOn.ts';
import { heldAttempts, takeAttempts, type StartedAttempt } from '../../scheduler/store/attempts.ts';
import { connectClient } from '../../scheduler/store/database.ts';
import { registerJob } from '../../scheduler/store/jobs.ts';
import { lockLane } from '../../scheduler/store/passTransaction.ts';
import { VersionCache } from '../../scheduler/store/versions.ts';
import { openLab, stateOf, type Lab } from './lab.ts';

let lab: Lab;
const gate = (name: string): string => path.join(lab.folder, `${name}.gate`);
const open = (name: string): void => writeFileSync(gate(name), '');

beforeAll(async () => {
  lab = await openLab();
  await lab.pool.query("insert into runbeat.slot_pool (pool, slots) values ('one', 1), ('two', 2)");
  lab.write(
    'chains.ts',
    `import { existsSync } from 'node:fs';
     import { dag } from 'runbeat';
     const waitsFor = (name) => async () => {
       while (!existsSync(${JSON.stringify(lab.folder)} + '/' + name + '.gate')) await new Promise((resolve) => setTimeout(resolve, 5));
     };
     const chain = (id, task = {}, last = {}) => dag(id, {}, (b) => {
       const first = b.task('first', task, waitsFor(id));
       const second = b.task('second', { ...task, after: first }, () => undefined);
       b.task('third', { ...task, ...last, after: second }, () => undefined);
     });
     export const alone = chain('alone');
     export const paused = chain('paused');
     export const locked = chain('locked');
     export const low = chain('low', { pool: 'one' });
     export const high = chain('high', { pool: 'one', priority: 10 });
     export const narrowed = chain('narrowed', { pool: 'two' });
     export const elsewhere = chain('elsewhere', {}, { queue: 'gpu' });
     export const lost = chain('lost', { queue: 'nobody' });`,
  );
});
afterAll(() => lab.close());

const started = (dagId: string, taskId: string): Promise<unknown> =>
  lab.eventually("select from runbeat.task_instance where dag_id = $1 and task_id = $2 and state = 'running'", [
    dagId,
    taskId,
  ]);
const startOf = async (dagId: string, taskId: string): Promise<number> => {
  const { rows } = await lab.pool.query<{ at: Date }>(
    'select start_date as at from runbeat.task_instance where dag_id = $1 and task_id = $2 order by id limit 1',
    [dagId, taskId],
  );
  return rows[0]!.at.getTime();
};

describe('the worker that ends a task', () => {
  it('continues the run while there is no scheduler; the run’s end waits for one', async () => {
    await lab.worker({ queues: ['default'] });
    const scheduler = await lab.scheduler();
    const runId = await lab.trigger('alone');
    await started('alone', 'first');
    await scheduler.stop();
    open('alone');
    await lab.eventually(
      "select from runbeat.task_instance where dag_id = 'alone' and task_id = 'third' and state = 'success'",
    );
    const { rows } = await lab.pool.query(
      `select r.state, bool_and(ti.try_number = 1 and ti.scheduled_dttm <= ti.queued_dttm and ti.queued_dttm <= ti.start_date
                                and ti.start_date <= ti.end_date) as stamped
         from runbeat.dag_run r join runbeat.task_instance ti on ti.dag_run_id = r.id where r.run_id = $1 group by r.state`,
      [runId],
    );
    expect(rows).toEqual([{ state: 'running', stamped: true }]);
    await lab.scheduler();
    expect((await lab.finished('alone', runId)).state).toBe('success');
  });

  it('starts no tasks of a paused DAG', async () => {
    const runId = await lab.trigger('paused');
    await started('paused', 'first');
    await setPaused(lab.pool, 'paused', true);
    open('paused');
    await lab.eventually(
      `select from runbeat.task_instance ti join runbeat.task_instance next using (dag_run_id)
        where ti.dag_id = 'paused' and ti.task_id = 'first' and ti.state = 'success'
          and next.task_id = 'second' and next.state is null`,
    );
    await setPaused(lab.pool, 'paused', false);
    expect((await lab.finished('paused', runId)).state).toBe('success');
  });

  it('does not wait for a pass: it records the end and the scheduler continues', async () => {
    const runId = await lab.trigger('locked');
    await started('locked', 'first');
    const other = await connectClient(lab.config.databaseUrl, 'other');
    try {
      await other.query('begin');
      await lockLane(other, 'default');
      open('locked');
      await lab.eventually(
        "select from runbeat.task_instance where dag_id = 'locked' and task_id = 'first' and state = 'success'",
      );
      await other.query('commit');
    } finally {
      await other.end();
    }
    expect((await lab.finished('locked', runId)).state).toBe('success');
  });

  it('leaves a slot to a task that waits for it', async () => {
    const low = await lab.trigger('low');
    await started('low', 'first');
    open('high');
    const high = await lab.trigger('high');
    await lab.eventually("select from runbeat.task_instance where dag_id = 'high' and state = 'scheduled'");
    open('low');
    await lab.finished('low', low);
    await lab.finished('high', high);
    expect(await startOf('high', 'first')).toBeLessThan(await startOf('low', 'second'));
  });

  it('respects a limit that was lowered', async () => {
    const runIds = [await lab.trigger('narrowed'), await lab.trigger('narrowed')];
    await lab.eventually(
      "select from runbeat.task_instance where dag_id = 'narrowed' and state = 'running' having count(*) = 2",
    );
    await lab.pool.query("update runbeat.slot_pool set slots = 0 where pool = 'two'");
    open('narrowed');
    await lab.eventually(
      "select from runbeat.task_instance where dag_id = 'narrowed' and state = 'scheduled' having count(*) = 2",
    );
    await lab.pool.query("update runbeat.slot_pool set slots = 2 where pool = 'two'");
    for (const runId of runIds) expect((await lab.finished('narrowed', runId)).state).toBe('success');
  });

  it('queues tasks that another worker has to run', async () => {
    open('elsewhere');
    const runId = await lab.trigger('elsewhere');
    await lab.eventually(
      "select from runbeat.task_instance where dag_id = 'elsewhere' and task_id = 'third' and state = 'queued'",
    );
    await lab.worker({ queues: ['gpu'] });
    expect(stateOf(await lab.finished('elsewhere', runId), 'third')).toBe('success');
  });
});

describe('a follow-on whose response is lost', () => {
  it('is not repeated, and the worker queries what it has started', async () => {
    await lab.trigger('lost');
    await lab.eventually("select from runbeat.task_instance where dag_id = 'lost' and state = 'queued'");
    const holder = { workerJobId: await registerJob(lab.pool, 'WorkerJob', 'default', []), hostname: 'here' };
    const [first] = await takeAttempts(lab.pool, holder, ['nobody'], 1);
    const adopted: StartedAttempt[] = [];
    let doubts = 0;
    let commits = 0;
    const service = new FollowOnService({
      holder,
      queues: () => ['nobody'],
      adopt: (attempts) => adopted.push(...attempts),
      doubt: () => doubts++,
      logger: pino({ enabled: false }),
      connect: async () => {
        const client = await connectClient(lab.config.databaseUrl, 'lossy');
        const query = client.query.bind(client) as (...values: unknown[]) => Promise<unknown>;
        client.query = (async (...values: unknown[]) => {
          const answer = await query(...values);
          // The first one only has the statements planned.
          if (values[0] === 'commit' && ++commits === 2) throw new Error('Connection terminated unexpectedly');
          return answer;
        }) as typeof client.query;
        return client;
      },
    });
    await service.connect();
    const version = (await new VersionCache().load(lab.pool, [first!.dag_version_id])).get(first!.dag_version_id)!;
    const claim = { id: first!.id, tryNumber: first!.try_number, reschedules: first!.reschedules };
    const end = { ...claim, workerJobId: holder.workerJobId, state: 'success' as const, delaySeconds: null };
    const item = { end: { ...end, startDelayMs: 0, lane: first!.lane }, started: first!, version };

    expect(await service.end([item])).toBeNull();
    expect({ adopted, doubts }).toEqual({ adopted: [], doubts: 1 });
    expect((await heldAttempts(lab.pool, holder.workerJobId)).map((attempt) => attempt.task_id)).toEqual(['second']);

    // Once there is a connection again, the end is refused, and nothing is started twice.
    await service.connect();
    expect(await service.end([item])).toEqual([]);
    expect(adopted).toEqual([]);
    await service.close();
  });
});
