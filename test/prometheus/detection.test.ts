import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingBinaries } from '../../platform/processes/binaries.ts';
import type { Child } from '../../platform/processes/child.ts';
import { startStack, type Stack } from '../../bench/stack/stack.ts';
import { until } from '../../bench/stack/until.ts';
import { DEFAULT_THRESHOLDS, sped } from '../../observability/thresholds.ts';
import { freePort } from '../../platform/postgres/embedded.ts';
import { createRuns } from '../../scheduler/store/createRuns.ts';
import { beat, endJob, registerJob } from '../../scheduler/store/jobs.ts';
import { openPool } from '../postgres/pool.ts';

/** The one setting that shortens every interval of the shipped configuration. */
const FASTER = 5;
const PACE = { heartbeatInterval: 1, heartbeatThreshold: 30 / FASTER, pollInterval: 0.4 };
/** Long enough for the slowest of them on a busy machine. */
const ARRIVAL = 90;
const TIMEOUT = 4 * ARRIVAL * 1_000;

/**
 * The whole way from a scheduler to the person who is paged: real PostgreSQL, schedulers, exporters, Prometheus and
 * Alertmanager, and a receiver. The outages follow each other on one stack, and each ends with all being well again.
 */
describe.skipIf(missingBinaries('prometheus', 'alertmanager'))('an outage, live', () => {
  let stack: Stack;
  let pool: pg.Pool;
  let exporters: { child: Child; start: () => Promise<Child> }[];
  let schedulers: Child[];

  beforeAll(async () => {
    const ports = [await freePort(), await freePort()];
    stack = await startStack({ thresholds: sped(DEFAULT_THRESHOLDS, FASTER), pace: PACE, exporterPorts: ports });
    pool = openPool(stack.databaseUrl, 1);
    // The outage of the database ends this connection too.
    await pool.query('create database second_index');
    const secondIndex = new URL(stack.databaseUrl);
    secondIndex.pathname = '/second_index';
    exporters = [];
    for (const [port, index] of [
      [ports[0]!, ''],
      [ports[1]!, secondIndex.href],
    ] as const) {
      const start = async (): Promise<Child> =>
        (await stack.services.exporter(port, { RUNBEAT_INDEX_URL: index })).child;
      exporters.push({ child: await start(), start });
    }
    stack.services.worker();
    await replaceSchedulers();
    await allIsWell();
  }, TIMEOUT);

  afterAll(async () => {
    await pool?.end();
    await stack?.stop();
  }, TIMEOUT);

  async function allIsWell(): Promise<void> {
    await stack.monitoring.sees('ALERTS', ARRIVAL, { empty: true });
  }

  /** What rang since a moment, by name. */
  function rang(since: number): string[] {
    const firing = stack.webhook.received.filter((it) => it.status === 'firing' && it.receivedAt >= since);
    return [...new Set(firing.map(({ labels }) => labels.alertname!))];
  }

  async function replaceSchedulers(): Promise<void> {
    schedulers = [stack.services.scheduler(), stack.services.scheduler()];
    await stack.monitoring.sees('min(runbeat_schedulers_alive) >= 2', ARRIVAL);
  }

  /** Two schedulers have lived together for so long that one of them is missed. */
  async function twoAreNormal(): Promise<void> {
    await stack.monitoring.sees('source:runbeat_schedulers_alive:sustained >= 2', 2 * ARRIVAL);
  }

  it(
    'kill -9 of one of two schedulers: that one is told, and the alert ends when it is replaced',
    async () => {
      await twoAreNormal();
      const since = Date.now();
      await schedulers[0]!.kill();
      const { labels, annotations } = await stack.webhook.arrival(
        'RunbeatSchedulerInstanceDown',
        'firing',
        ARRIVAL,
        since,
      );
      expect(labels).toMatchObject({ severity: 'warning', service: 'runbeat', source: 'main' });
      expect(labels.scheduler).toMatch(/.+:\d+/);
      expect(annotations.summary).toContain(`Scheduler ${labels.scheduler} of main has been dead`);
      expect(rang(since)).toEqual(['RunbeatSchedulerInstanceDown']);
      schedulers[0] = stack.services.scheduler();
      await stack.webhook.arrival('RunbeatSchedulerInstanceDown', 'resolved', ARRIVAL, since);
      await allIsWell();
    },
    TIMEOUT,
  );

  it(
    'kill -9 of all schedulers: one page with its labels and links, and its end',
    async () => {
      const since = Date.now();
      await Promise.all(schedulers.map((scheduler) => scheduler.kill()));
      const { labels, annotations } = await stack.webhook.arrival('RunbeatSchedulerDown', 'firing', ARRIVAL, since);
      expect(labels).toEqual({
        alertname: 'RunbeatSchedulerDown',
        severity: 'critical',
        service: 'runbeat',
        source: 'main',
      });
      expect(annotations).toMatchObject({
        summary: '0 schedulers of main are alive',
        runbook_url:
          'http://localhost:3000/public/plugins/runbeat-observability-app/docs/runbooks/RunbeatSchedulerDown.md.html',
        dashboard_url: 'http://localhost:3000/d/runbeat-scheduler?viewPanel=1&var-source=main',
        page_url: 'http://localhost:3000/a/runbeat-observability-app/health?source=main',
      });
      await replaceSchedulers();
      await stack.webhook.arrival('RunbeatSchedulerDown', 'resolved', ARRIVAL, since);
      expect(rang(since)).toEqual(['RunbeatSchedulerDown']);
      await allIsWell();
    },
    TIMEOUT,
  );

  it(
    'SIGSTOP of all schedulers: processes that exist and do nothing are dead, until they go on',
    async () => {
      const since = Date.now();
      for (const scheduler of schedulers) scheduler.signal('SIGSTOP');
      await stack.webhook.arrival('RunbeatSchedulerDown', 'firing', ARRIVAL, since);
      for (const scheduler of schedulers) scheduler.signal('SIGCONT');
      await stack.webhook.arrival('RunbeatSchedulerDown', 'resolved', ARRIVAL, since);
      expect(rang(since)).toEqual(['RunbeatSchedulerDown']);
      await allIsWell();
    },
    TIMEOUT,
  );

  it(
    'a loop that beats but does not schedule: told as stalled while every heartbeat is young',
    async () => {
      const since = Date.now();
      await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
      // A scheduler's heartbeat without its passes, through the scheduler's own statements.
      const jobId = await registerJob(pool, 'SchedulerJob', 'default', []);
      const heart = setInterval(() => void beat(pool, jobId).catch(() => undefined), 500);
      try {
        const run = {
          dagId: 'onboarding',
          runId: 'waits',
          runType: 'manual',
          logicalDate: null,
          conf: { user_id: 1 },
          triggeredBy: 'test',
        } as const;
        expect(await createRuns(pool, [run])).toHaveLength(1);
        const { labels, annotations } = await stack.webhook.arrival(
          'RunbeatSchedulingStalled',
          'firing',
          ARRIVAL,
          since,
        );
        expect(labels).toMatchObject({ severity: 'critical', source: 'main' });
        expect(annotations.summary).toMatch(
          /send heartbeats, but a task has been ready for [\d.ms ]+ and nobody schedules it/,
        );
        expect(rang(since)).toEqual(['RunbeatSchedulingStalled']);
      } finally {
        clearInterval(heart);
        await endJob(pool, jobId);
      }
      await replaceSchedulers();
      await stack.webhook.arrival('RunbeatSchedulingStalled', 'resolved', ARRIVAL, since);
      await allIsWell();
    },
    TIMEOUT,
  );

  it(
    'one of two exporters down: the exporter is told, the schedulers are not',
    async () => {
      const since = Date.now();
      await exporters[1]!.child.kill();
      const { labels } = await stack.webhook.arrival('RunbeatExporterDown', 'firing', ARRIVAL, since);
      expect(labels).toMatchObject({ severity: 'warning', job: 'runbeat', instance: expect.stringMatching(/^127/) });
      expect(rang(since)).toEqual(['RunbeatExporterDown']);
      exporters[1]!.child = await exporters[1]!.start();
      await stack.webhook.arrival('RunbeatExporterDown', 'resolved', ARRIVAL, since);
      await allIsWell();
    },
    TIMEOUT,
  );

  it(
    'all exporters down: one page that says that nobody knows, and the cause held back',
    async () => {
      const since = Date.now();
      await Promise.all(exporters.map(({ child }) => child.kill()));
      const { annotations } = await stack.webhook.arrival('RunbeatSchedulerDown', 'firing', ARRIVAL, since);
      expect(annotations.summary).toContain('No data about the schedulers of main');
      await stack.monitoring.firing('RunbeatExporterDown', ARRIVAL);
      await until(
        'the cause is held back',
        ARRIVAL,
        async () => (await stack.monitoring.heldBack()).includes('RunbeatExporterDown') || null,
      );
      await Promise.all(exporters.map(async (exporter) => (exporter.child = await exporter.start())));
      await stack.webhook.arrival('RunbeatSchedulerDown', 'resolved', ARRIVAL, since);
      expect(rang(since)).toEqual(['RunbeatSchedulerDown']);
      await allIsWell();
    },
    TIMEOUT,
  );

  it(
    'the database down: one page, and the cause held back',
    async () => {
      const since = Date.now();
      await stack.database.stop();
      await stack.webhook.arrival('RunbeatSchedulerDown', 'firing', ARRIVAL, since);
      await stack.monitoring.firing('RunbeatSourceUnreachable', ARRIVAL);
      await until(
        'the cause is held back',
        ARRIVAL,
        async () => (await stack.monitoring.heldBack()).includes('RunbeatSourceUnreachable') || null,
      );
      await stack.database.start();
      await stack.webhook.arrival('RunbeatSchedulerDown', 'resolved', ARRIVAL, since);
      expect(rang(since)).toEqual(['RunbeatSchedulerDown']);
      await allIsWell();
    },
    TIMEOUT,
  );

  it(
    'Prometheus itself away for longer than missing data may last: nothing rings when it is back',
    async () => {
      const since = Date.now();
      await stack.monitoring.restartPrometheus(20);
      await stack.monitoring.sees('present_over_time(runbeat:rules:evaluated[3s] offset 9s)', ARRIVAL);
      expect(rang(since)).toEqual([]);
      await allIsWell();
    },
    TIMEOUT,
  );
});
