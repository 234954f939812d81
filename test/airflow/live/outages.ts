import { describe, expect, test } from 'vitest';
import type { Outage, Page } from '../../../shared/api.ts';
import type { Airflow } from '../lab/airflow.ts';
import { eventually, HEARTBEAT_THRESHOLD_SECONDS } from './observer.ts';
import type { Stage } from './waits.ts';

/** Interval of the heartbeats of Airflow's scheduler. */
const BEAT_SECONDS = 5;

/** Schedulers that stop for longer than the threshold, and for a shorter time. */
export function testOutages(stage: () => Stage): void {
  describe('reports outages', () => {
    const alive = async (): Promise<number | undefined> =>
      (await stage().observer.samples('runbeat_schedulers_alive'))[0]?.value;
    const outagesWithin = async ({ from, to }: Silence): Promise<Outage[]> =>
      (await stage().observer.get<Page<Outage>>('/outages')).items.filter(
        (outage) => Date.parse(outage.from) < to && Date.parse(outage.to ?? '9999-12-31') > from,
      );

    test('none if the only scheduler is suspended for less than the threshold', async () => {
      const { airflow } = stage();
      // The test depends on the length of this pause.
      const shorter = (1_000 * (BEAT_SECONDS + HEARTBEAT_THRESHOLD_SECONDS)) / 2;
      let silence: Silence;
      // A busy machine may resume it so slowly that the threshold is exceeded.
      do silence = await standStill(airflow, async () => new Promise((resolve) => setTimeout(resolve, shorter)));
      while (silence.to - silence.from > 1_000 * HEARTBEAT_THRESHOLD_SECONDS);
      await eventually(async () => expect(await alive()).toBe(1));
      expect(await outagesWithin(silence)).toEqual([]);
    });

    test('exactly one if it is suspended for longer', async () => {
      const silence = await standStill(stage().airflow, () => eventually(async () => expect(await alive()).toBe(0)));
      await eventually(async () => expect(await alive()).toBe(1));
      const outages = await outagesWithin(silence);
      expect(outages).toMatchObject([{ to: expect.any(String) }]);
      expect(outages[0]!.duration_seconds).toBeGreaterThan(HEARTBEAT_THRESHOLD_SECONDS);
    });

    test('with the run that it delayed, and with ready work that no scheduler takes', async () => {
      const { airflow, observer } = stage();
      await airflow.killSchedulers();
      const killed = Date.now();
      const runId = await airflow.trigger('user_flow', { user_id: 77 });
      await eventually(async () => {
        expect(await alive()).toBe(0);
        expect((await observer.samples('runbeat_oldest_ready_task_age_seconds'))[0]?.value).toBeGreaterThan(2);
      });
      await airflow.recover();
      await airflow.waitForRun('user_flow', runId, ['success']);
      await eventually(async () => {
        expect(await alive()).toBe(1);
        const [outage] = await outagesWithin({ from: killed, to: killed });
        const delayed = outage?.delayed_runs.find(({ run_id: id }) => id === runId);
        expect(delayed).toMatchObject({ dag_id: 'user_flow', keys: { user_id: ['77'] } });
        expect(delayed!.delayed_seconds).toBeGreaterThan(HEARTBEAT_THRESHOLD_SECONDS - BEAT_SECONDS);
        expect(delayed!.delayed_seconds).toBeLessThanOrEqual(outage!.duration_seconds);
      });
    });
  });
}

/** Milliseconds since 1970 of the heartbeats before and after. */
interface Silence {
  from: number;
  to: number;
}

/** Suspends the scheduler right after a heartbeat, resumes it, and waits for the next one. */
async function standStill(airflow: Airflow, untilThen: () => Promise<void>): Promise<Silence> {
  const from = await nextBeat(airflow);
  const goOn = airflow.processes.suspend('scheduler');
  await untilThen().finally(goOn);
  return { from, to: await nextBeat(airflow) };
}

/** When it is written, not its value, because Airflow 3.3 writes each heartbeat one interval late. */
async function nextBeat(airflow: Airflow): Promise<number> {
  const newest = "select max(latest_heartbeat)::text as newest from job where job_type = 'SchedulerJob'";
  const [before] = await airflow.query<{ newest: string }>(newest);
  await airflow.waitFor('the scheduler beats again', `select (${newest}) <> $1`, [before!.newest]);
  return Date.now();
}
