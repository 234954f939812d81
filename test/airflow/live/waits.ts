import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { API_PREFIX, runPath, type RunDetail, type Waiting, type WaitingReason } from '../../../shared/api.ts';
import type { Airflow } from '../lab/airflow.ts';
import type { Release } from '../../../cli/demo/airflow/release.ts';
import type { RunDates } from '../../../cli/demo/airflow/rest.ts';
import { eventually, SOURCE, type Observer } from './observer.ts';

export interface Stage {
  airflow: Airflow;
  observer: Observer;
}

/** Runs of the DAGs of waits.py, and the waiting task of each. */
const STARTED = ['limited_tasks', 'limited_task', 'limited_task_per_run', 'unusable_pool', 'gone'];
/** A test starts these itself, and waits until they stop progressing, because other tests suspend what runs tasks. */
const IN_SCOPES = ['late_setup', 'in_scope'];
/** The DAGs that these tests need besides those of the scenario. */
export const WAITING_DAGS = [...STARTED, ...IN_SCOPES, 'past', 'for_later', 'backlog', 'backfilled'];

const inHalfAnHour = (): string => new Date(Date.now() + 1_800_000).toISOString();

/** Produces every reason to wait in a real Airflow and checks the reported one. Needs the unfinished runs of the scenario. */
export function testWaits(release: Release, stage: () => Stage): void {
  describe('says why it waits', () => {
    const waitingOf = async (dagId: string, runId: string, taskId: string | null): Promise<Waiting[]> => {
      const { run, tasks } = await stage().observer.get<RunDetail>(
        runPath(SOURCE, dagId, runId).slice(API_PREFIX.length),
      );
      if (taskId === null) return run.waiting ? [run.waiting] : [];
      return tasks.flatMap((task) => (task.task_id === taskId && task.waiting ? [task.waiting] : []));
    };
    const expectWait = async (
      place: [dagId: string, runId: string, taskId: string | null],
      reason: WaitingReason,
      detail: RegExp,
    ): Promise<void> => {
      await eventually(async () => {
        const waits = await waitingOf(...place);
        expect(waits.map((wait) => wait.reason)).toContain(reason);
        expect(waits.find((wait) => wait.reason === reason)!.detail).toMatch(detail);
      });
    };

    beforeAll(async () => {
      const { airflow } = stage();
      for (const dagId of STARTED) await airflow.trigger(dagId, {}, `waits_${dagId}`);
      await airflow.unpause('past');
    });

    test.each<[string, [string, string, string | null], WaitingReason, RegExp]>([
      ['upstream tasks', ['waiting', 'lab_waiting', 'not_yet'], 'upstream', /Waits for retrying \(1 left\)/],
      ['a retry', ['waiting', 'lab_waiting', 'retrying'], 'retry', /Try 1 failed/],
      ['its next poke', ['waiting', 'lab_waiting', 'rescheduled'], 'next_poke', /next poke of this sensor is not due/],
      ['its trigger', ['waiting', 'lab_waiting', 'deferred'], 'trigger', /^Deferred to a trigger\.$/],
      ['a full pool', ['full_pool', 'lab_full_pool', 'contender'], 'pool_full', /"held_slot".*1 of 1 .*by holder/],
      ['max_active_runs', ['one_run_at_a_time', 'lab_held_back', null], 'max_active_runs', /lab_active is running/],
      ['its queued run', ['one_run_at_a_time', 'lab_held_back', 'holder'], 'run_queued', /has not started/],
      ['a paused DAG', ['paused', 'lab_paused', null], 'dag_paused', /DAG paused is paused/],
      [
        'the DAG’s limit',
        ['limited_tasks', 'waits_limited_tasks', 'contender'],
        'max_active_tasks',
        /is reached \(1\)/,
      ],
      ['the task’s limit', ['limited_task', 'waits_limited_task', 'one_at_a_time'], 'task_limit', /\(1\)/],
      [
        'the task’s limit in its run',
        ['limited_task_per_run', 'waits_limited_task_per_run', 'one_in_a_run'],
        'task_limit_per_run',
        /\(1\)/,
      ],
      [
        'a pool that is too small',
        ['unusable_pool', 'waits_unusable_pool', 'wide'],
        'pool_unusable',
        /5 slots.*only has 1/,
      ],
      [
        'a pool that is not there',
        ['unusable_pool', 'waits_unusable_pool', 'lost'],
        'pool_unusable',
        /no pool "nowhere"/,
      ],
    ])('%s', (_name, place, reason, detail) => expectWait(place, reason, detail));

    test.runIf(release.major === 3 && release.minor >= 2)('a setup, and a teardown’s scope', async () => {
      const runId = `waits_${new Date().toISOString()}`;
      for (const dagId of IN_SCOPES) await stage().airflow.trigger(dagId, {}, runId);
      await expectWait(['late_setup', runId, 'create'], 'trigger', /Deferred/);
      await expectWait(['late_setup', runId, 'join'], 'upstream', /for create \(1 left\)/);
      await expectWait(['in_scope', runId, 'slow'], 'trigger', /Deferred/);
      await expectWait(['in_scope', runId, 'delete'], 'upstream', /for slow \(1 left\)/);
    });

    test('the previous run', async () => {
      const sql = "select run_id from dag_run where dag_id = 'past' order by run_id desc limit 1";
      await stage().airflow.waitFor('both runs are there', "select count(*) = 2 from dag_run where dag_id = 'past'");
      const [second] = await stage().airflow.query<{ run_id: string }>(sql);
      await expectWait(['past', second!.run_id, 'only'], 'depends_on_past', /in which only has not succeeded/);
    });

    test('its time', async () => {
      const { airflow } = stage();
      const trigger = async (dates: RunDates): Promise<string> => {
        const runId = `waits_${new Date().toISOString()}`;
        await airflow.api.trigger('for_later', {}, runId, dates);
        return runId;
      };
      const logical = await trigger({ logical_date: inHalfAnHour() });
      // Airflow 2 does not start such a run. Airflow 3 starts it, but holds its tasks back.
      const waits = release.major === 2 ? null : 'only';
      await expectWait(['for_later', logical, waits], 'not_due', /for a later time/);
      if (release.major === 2) return;
      const after = await trigger({ run_after: inHalfAnHour() });
      await expectWait(['for_later', after, null], 'not_due', /for a later time/);
    });

    test('an executor that has not started it', async () => {
      const { airflow } = stage();
      await airflow.query("update dag set is_paused = true where dag_id = 'backlog'");
      const runId = await airflow.trigger('backlog');
      const goOn = release.major === 3 ? airflow.processes.suspend('api-server') : await suspendWorkers(airflow);
      try {
        await airflow.query("update dag set is_paused = false where dag_id = 'backlog'");
        await expectWait(['backlog', runId, 'only'], 'executor', /no worker has started it/);
      } finally {
        goOn();
      }
      await airflow.waitForRun('backlog', runId, ['success']);
    });

    test('a scheduler that could act, since when it could', async () => {
      const { airflow } = stage();
      await airflow.waitFor(
        'nothing else is on its way',
        "select not exists (select from task_instance where state = 'queued')",
      );
      const release = await airflow.lockPools();
      let runId: string;
      try {
        runId = await airflow.trigger('user_flow', { user_id: 79 });
        await expectWait(['user_flow', runId, 'receive'], 'scheduler', /should have acted/);
        const [wait] = await waitingOf('user_flow', runId, 'receive');
        const [{ from, now } = { from: '', now: '' }] = await airflow.query<{ from: string; now: string }>(
          'select start_date as from, now() as now from dag_run where run_id = $1',
          [runId],
        );
        expect(Date.parse(wait!.since!)).toBeGreaterThanOrEqual(new Date(from).getTime());
        expect(Date.parse(wait!.since!)).toBeLessThanOrEqual(new Date(now).getTime());
      } finally {
        await release();
      }
      await airflow.waitForRun('user_flow', runId, ['success']);
    });

    test('a scheduler that is kept from a run, since the run could continue', async () => {
      const { airflow, observer } = stage();
      const { runId, release } = await lockedRun(airflow);
      try {
        await expectWait(['trigger_rules', runId, 'all_success'], 'scheduler', /should have acted/);
        const { tasks } = await observer.get<RunDetail>(
          runPath(SOURCE, 'trigger_rules', runId).slice(API_PREFIX.length),
        );
        const of = (id: string) => tasks.find((task) => task.task_id === id)!;
        const ended = Math.max(Date.parse(of('slow').end_date!), Date.parse(of('fast').end_date!));
        expect(Date.parse(of('all_success').waiting!.since!)).toBeGreaterThanOrEqual(ended);
      } finally {
        await release();
      }
      await airflow.waitForRun('trigger_rules', runId);
    });

    test.runIf(release.major === 3)('a paused backfill', async () => {
      const { airflow } = stage();
      const [begun] = await airflow.query<{ id: number }>("select id from backfill where dag_id = 'backfilled'");
      const period = [new Date('2024-02-01'), new Date('2024-02-02')] as const;
      const id = begun?.id ?? (await airflow.api.backfill('backfilled', ...period));
      await airflow.api.pauseBackfill(id, true);
      await airflow.unpause('backfilled');
      const [run] = await airflow.query<{ run_id: string }>(
        "select run_id from dag_run where backfill_id = $1 and state = 'queued' limit 1",
        [id],
      );
      await expectWait(['backfilled', run!.run_id, null], 'backfill_paused', /backfill is paused/);
    });

    test.runIf(release.major === 3 && release.minor >= 3)('a person', async () => {
      const runId = await stage().airflow.trigger('human');
      await expectWait(['human', runId, 'approve'], 'input', /input from a person/);
    });

    test('a DAG that is no longer in any file', async () => {
      const { airflow } = stage();
      await expectWait(['gone', 'waits_gone', 'last'], 'upstream', /Waits for deferred/);
      const file = path.join(airflow.dagsFolder, 'gone.py');
      const text = readFileSync(file);
      rmSync(file);
      try {
        const gone = release.major === 2 ? 'not is_active' : 'is_stale';
        await airflow.waitFor('it is noticed', `select ${gone} from dag where dag_id = 'gone'`);
        await expectWait(['gone', 'waits_gone', 'last'], 'dag_missing', /no longer in any file/);
      } finally {
        writeFileSync(file, text);
      }
    });
  });
}

const WORKER = /^airflow worker -- LocalExecutor/;
/** The beginning of a command line; the command that it runs follows. */
const BUSY_WORKER = /^airflow worker -- LocalExecutor:/;

/**
 * A task of Airflow 3 needs the API server to start, and one of Airflow 2 its own worker. A worker that is suspended after its
 * task has ended, but before it has reported that, keeps its slot. With enough of these, the executor is full, and the scheduler
 * hands it no tasks. So no task may be about to end.
 */
async function suspendWorkers(airflow: Airflow): Promise<() => void> {
  await eventually(async () => {
    const [underWay] = await airflow.query<{ running: number; queued: number }>(
      `select count(*) filter (where state = 'running')::int as running, count(*) filter (where state = 'queued')::int as queued
         from task_instance`,
    );
    expect(underWay).toEqual({ running: airflow.processes.titled(BUSY_WORKER).length, queued: 0 });
  });
  return airflow.processes.suspendTitled(WORKER);
}

/** How long a task of a few seconds may take to end on a busy machine. */
const ENDS_WITHIN_MS = 60_000;

/**
 * A run whose row is locked, and whose tasks `fast` and `slow` have ended since then. In Airflow 2, a task sometimes writes its run's
 * row when it ends, and the lock would hold it up. Then another run is locked.
 */
async function lockedRun(airflow: Airflow): Promise<{ runId: string; release: () => Promise<void> }> {
  for (let attempt = 1; ; attempt += 1) {
    const runId = await airflow.trigger('trigger_rules');
    const slowIs = (states: string[], timeoutMs?: number): Promise<void> =>
      airflow.waitFor(
        `its slow task is ${states.join(' or ')}`,
        "select exists (select from task_instance where run_id = $1 and task_id = 'slow' and state = any ($2))",
        [runId, states],
        timeoutMs,
      );
    await slowIs(['running']);
    const release = await airflow.lock(`select from dag_run where run_id = '${runId}' for update`);
    try {
      await slowIs(['success'], ENDS_WITHIN_MS);
      return { runId, release };
    } catch (error) {
      await release();
      if (attempt === 3) throw error;
    }
  }
}
