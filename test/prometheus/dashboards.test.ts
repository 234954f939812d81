import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStack, type Stack } from '../../bench/stack/stack.ts';
import { until } from '../../bench/stack/until.ts';
import { prometheusRules } from '../../observability/alerts/prometheus.ts';
import { allDashboards } from '../../observability/dashboards/all.ts';
import { readServedMetrics, unservedMetrics, unservedPromises } from '../../observability/liveExporter.ts';
import { withoutVariables } from '../../observability/promql/variables.ts';
import { DEFAULT_THRESHOLDS, sped } from '../../observability/thresholds.ts';
import { freePort } from '../../platform/postgres/embedded.ts';
import { createRuns } from '../../scheduler/store/createRuns.ts';
import { openPool } from '../postgres/pool.ts';

const THRESHOLDS = sped(DEFAULT_THRESHOLDS, 5);
const PACE = { heartbeatInterval: 1, heartbeatThreshold: 6, pollInterval: 0.4 };
const TIMEOUT = 240_000;

/** One promise that is often broken, one with time left, and a daily one. */
const PROMISES = `promises:
  - { name: instant, dags: { dag_id: onboarding }, ends_within: 1s, share: 90% }
  - { name: fresh, dags: { dag_id: onboarding }, succeeded_within: 1h }
  - { name: early, dags: { dag_id: onboarding }, done_by: '00:01', timezone: UTC }
`;

interface PanelQuery {
  dashboard: string;
  panel: string;
  expr: string;
}

/** Shows only overdue promises. A DAG that is new today is never overdue (promises.test.ts has overdue ones). */
const EMPTY_WHILE_KEPT = ['Overdue promises'];

/** Every Prometheus query of every panel that has data while everything is healthy, with all variables set to "All". */
const QUERIES: PanelQuery[] = allDashboards(THRESHOLDS).flatMap((dashboard) =>
  (dashboard.panels ?? []).flatMap((panel) => {
    const { title, targets } = panel as { title?: string; targets?: { expr?: string; exemplar?: boolean }[] };
    return (targets ?? []).flatMap(({ expr, exemplar }) =>
      expr === undefined || exemplar || EMPTY_WHILE_KEPT.includes(title ?? '')
        ? []
        : [{ dashboard: dashboard.uid!, panel: title ?? '', expr: withoutVariables(expr).expression }],
    );
  }),
);

function userRun(runId: string, userId: number): Parameters<typeof createRuns>[1][number] {
  const conf = { user_id: userId, application: { id: `application-${userId}` } };
  return { dagId: 'onboarding', runId, runType: 'manual', logicalDate: null, conf, triggeredBy: 'test' };
}

describe('dashboards over a real Prometheus', () => {
  let stack: Stack;
  let pool: pg.Pool;
  let exporterUrl: string;
  let arrivals: NodeJS.Timeout | undefined;

  beforeAll(async () => {
    const port = await freePort();
    exporterUrl = `http://127.0.0.1:${port}`;
    stack = await startStack({ thresholds: THRESHOLDS, pace: PACE, exporterPorts: [port] });
    pool = openPool(stack.databaseUrl, 1);
    stack.services.scheduler();
    stack.services.worker();
    const config = path.join(mkdtempSync(path.join(tmpdir(), 'runbeat-promises-')), 'runbeat.yaml');
    writeFileSync(config, PROMISES);
    await stack.services.exporter(port, { RUNBEAT_CONFIG: config });
    await stack.monitoring.sees('runbeat_schedulers_alive > 0', 90);
    // Rates need counters that rise between scrapes, so users arrive in several waves.
    for (let wave = 0; wave < 3; wave += 1) await usersArrive(wave);
    // They continue to arrive, because a rate over a short window must not be 0 when its panel is tested.
    let late = 0;
    arrivals = setInterval(() => {
      late += 1;
      createRuns(pool, [userRun(`late-${late}`, 1_000 + late)]).catch(() => clearInterval(arrivals));
    }, 2_000);
  }, TIMEOUT);

  afterAll(async () => {
    clearInterval(arrivals);
    await pool?.end();
    await stack?.stop();
  }, TIMEOUT);

  async function usersArrive(wave: number): Promise<void> {
    const runs = Array.from({ length: 3 }, (_, index) => userRun(`wave-${wave}-${index}`, 10 * wave + index));
    await until('the DAG is known', 60, async () => (await createRuns(pool, runs)).length > 0 || null);
    const counted = `sum(runbeat_runs_finished_total{dag_id="onboarding"}) >= ${3 * (wave + 1)}`;
    await stack.monitoring.sees(counted, 120);
  }

  it('requests only metrics that the exporter serves', async () => {
    const served = await readServedMetrics(exporterUrl);
    const rules = Object.values(prometheusRules(DEFAULT_THRESHOLDS));
    expect([...unservedMetrics(rules, served), ...unservedPromises(DEFAULT_THRESHOLDS, served)]).toEqual([]);
  });

  it.each(QUERIES)(
    '$dashboard, "$panel" has data: $expr',
    async ({ expr }) => {
      const values = await until(`${expr} has data`, 180, async () => {
        const result = await stack.monitoring.query(expr);
        const numbers = result.map(({ value }) => Number(value[1])).filter((value) => !Number.isNaN(value));
        return numbers.length > 0 ? numbers : null;
      });
      expect(values.length).toBeGreaterThan(0);
    },
    TIMEOUT,
  );

  it('evaluates every rule without an error', async () => {
    const response = await fetch(`${stack.monitoring.url}/api/v1/rules`);
    const { data } = (await response.json()) as {
      data: { groups: { rules: { name: string; health: string; lastError?: string }[] }[] };
    };
    const ill = data.groups.flatMap(({ rules }) => rules).filter(({ health }) => health !== 'ok');
    expect(ill).toEqual([]);
  });
});
