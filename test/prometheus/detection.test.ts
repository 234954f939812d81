import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../bench/stack/until.ts';
import { createRuns } from '../../scheduler/store/createRuns.ts';
import { beat, endJob, registerJob } from '../../scheduler/store/jobs.ts';
import { ARRIVAL, TIMEOUT, WatchedProduct } from './support/watchedProduct.ts';

/** The outages share one stack, and each ends when everything is healthy again. After a failure, the next one gets a new stack. */
describe('an outage, live', () => {
  let running: WatchedProduct | null = null;
  let product: WatchedProduct;
  const stop = async (): Promise<void> => {
    const ended = running;
    running = null;
    await ended?.stop();
  };

  beforeEach(async () => {
    product = running ??= await WatchedProduct.start();
  }, TIMEOUT);
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await stop();
  }, TIMEOUT);
  afterAll(stop, TIMEOUT);

  it(
    'kill -9 of all schedulers: one page with its labels and links, which is resolved',
    async () => {
      const since = Date.now();
      await Promise.all(product.schedulers.map((scheduler) => scheduler.kill()));
      const { labels, annotations } = await product.stack.webhook.arrival(
        'RunbeatSchedulerDown',
        'firing',
        ARRIVAL,
        since,
      );
      expect(labels).toEqual({
        alertname: 'RunbeatSchedulerDown',
        severity: 'critical',
        service: 'runbeat',
        source: 'main',
      });
      expect(annotations).toMatchObject({
        summary: 'No scheduler is alive, or the state of the schedulers is unknown',
        description: expect.stringContaining('0 schedulers of main are alive.') as string,
        runbook_url:
          'http://localhost:3000/public/plugins/runbeat-observability-app/docs/runbooks/RunbeatSchedulerDown.md.html',
        dashboard_url: 'http://localhost:3000/d/runbeat-scheduler?viewPanel=1&var-source=main',
        page_url: 'http://localhost:3000/a/runbeat-observability-app/health?source=main',
      });
      await product.replaceSchedulers();
      await product.stack.webhook.arrival('RunbeatSchedulerDown', 'resolved', ARRIVAL, since);
      expect(product.rang(since)).toEqual(['RunbeatSchedulerDown']);
      await product.allIsWell();
    },
    TIMEOUT,
  );

  it(
    'SIGSTOP of all schedulers: processes that exist and do nothing are dead, until they go on',
    async () => {
      const since = Date.now();
      for (const scheduler of product.schedulers) scheduler.signal('SIGSTOP');
      await product.stack.webhook.arrival('RunbeatSchedulerDown', 'firing', ARRIVAL, since);
      for (const scheduler of product.schedulers) scheduler.signal('SIGCONT');
      await product.stack.webhook.arrival('RunbeatSchedulerDown', 'resolved', ARRIVAL, since);
      expect(product.rang(since)).toEqual(['RunbeatSchedulerDown']);
      await product.allIsWell();
    },
    TIMEOUT,
  );

  it(
    'a scheduler that sends heartbeats but does not schedule: reported as stalled',
    async () => {
      const since = Date.now();
      await Promise.all(product.schedulers.map((scheduler) => scheduler.stop()));
      // A scheduler's heartbeat without its passes, written by the scheduler's own statements.
      const jobId = await registerJob(product.pool, 'SchedulerJob', 'default', []);
      const heart = setInterval(() => void beat(product.pool, jobId).catch(() => undefined), 500);
      try {
        const run = {
          dagId: 'onboarding',
          runId: 'waits',
          runType: 'manual',
          logicalDate: null,
          conf: { user_id: 1, application: { id: 'application-1' } },
          triggeredBy: 'test',
        } as const;
        expect(await createRuns(product.pool, [run])).toHaveLength(1);
        const { labels, annotations } = await product.stack.webhook.arrival(
          'RunbeatSchedulingStalled',
          'firing',
          ARRIVAL,
          since,
        );
        expect(labels).toMatchObject({ severity: 'critical', source: 'main' });
        expect(annotations.description).toMatch(
          /send heartbeats, but a task has been ready for [\d.ms ]+ and no scheduler has scheduled it/,
        );
        expect(product.rang(since)).toEqual(['RunbeatSchedulingStalled']);
        // The one with heartbeats must still be alive, because RunbeatSchedulerDown would inhibit the end of this alert.
        await product.replaceSchedulers();
      } finally {
        clearInterval(heart);
        await endJob(product.pool, jobId);
      }
      await product.stack.webhook.arrival('RunbeatSchedulingStalled', 'resolved', ARRIVAL, since);
      await product.allIsWell();
    },
    TIMEOUT,
  );

  it(
    'one of two exporters down: the exporter is reported, the schedulers are not',
    async () => {
      const since = Date.now();
      await product.exporters[1]!.child.kill();
      const { labels } = await product.stack.webhook.arrival('RunbeatExporterDown', 'firing', ARRIVAL, since);
      expect(labels).toMatchObject({ severity: 'warning', job: 'runbeat', instance: expect.stringMatching(/^127/) });
      expect(product.rang(since)).toEqual(['RunbeatExporterDown']);
      product.exporters[1]!.child = await product.exporters[1]!.start();
      await product.stack.webhook.arrival('RunbeatExporterDown', 'resolved', ARRIVAL, since);
      await product.allIsWell();
    },
    TIMEOUT,
  );

  it(
    'all exporters down: one page which says that the state is unknown, with the cause inhibited',
    async () => {
      const since = Date.now();
      await Promise.all(product.exporters.map(({ child }) => child.kill()));
      const { annotations } = await product.stack.webhook.arrival('RunbeatSchedulerDown', 'firing', ARRIVAL, since);
      expect(annotations.description).toContain('No data about the schedulers of main');
      await product.stack.monitoring.firing('RunbeatExporterDown', ARRIVAL);
      await until(
        'the cause is held back',
        ARRIVAL,
        async () => (await product.stack.monitoring.heldBack()).includes('RunbeatExporterDown') || null,
      );
      await Promise.all(product.exporters.map(async (exporter) => (exporter.child = await exporter.start())));
      await product.stack.webhook.arrival('RunbeatSchedulerDown', 'resolved', ARRIVAL, since);
      expect(product.rang(since)).toEqual(['RunbeatSchedulerDown']);
      await product.allIsWell();
    },
    TIMEOUT,
  );

  it(
    'the database down: one page, with the cause inhibited',
    async () => {
      const since = Date.now();
      await product.stack.database.stop();
      await product.stack.webhook.arrival('RunbeatSchedulerDown', 'firing', ARRIVAL, since);
      await product.stack.monitoring.firing('RunbeatSourceUnreachable', ARRIVAL);
      await until(
        'the cause is held back',
        ARRIVAL,
        async () => (await product.stack.monitoring.heldBack()).includes('RunbeatSourceUnreachable') || null,
      );
      await product.stack.database.start();
      await product.stack.webhook.arrival('RunbeatSchedulerDown', 'resolved', ARRIVAL, since);
      expect(product.rang(since)).toEqual(['RunbeatSchedulerDown']);
      await product.allIsWell();
    },
    TIMEOUT,
  );

  it(
    'Prometheus itself away for longer than missing data may last: nothing rings when it is back',
    async () => {
      const since = Date.now();
      await product.stack.monitoring.restartPrometheus(20);
      await product.stack.monitoring.sees('present_over_time(runbeat:rules:evaluated[3s] offset 9s)', ARRIVAL);
      expect(product.rang(since)).toEqual([]);
      await product.allIsWell();
    },
    TIMEOUT,
  );
});
