import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API_PREFIX, runPath, type RunDetail } from '../../../shared/api.ts';
import { launchChromium } from '../../browser/chromium.ts';
import { createTestDatabase, type TestDatabase } from '../../postgres/database.ts';
import { startAirflow, type Airflow } from '../lab/airflow.ts';
import { linkedReleases } from '../lab/releases.ts';
import { eventually, observe, SOURCE, type Observer } from './observer.ts';

const GRAFANA = 'https://grafana.example.com/sub';
const RUN_ID = 'manual__2024-05-01T10:00:00+00:00';

const progress = (line: string): boolean => process.stderr.write(`${line}\n`);

interface Plugin {
  name: string;
  appbuilder_menu_items: { name: string; href: string }[];
  external_views?: { name: string; href: string; destination: string; url_route?: string }[];
  global_operator_extra_links: string[];
}

describe.each(linkedReleases(process.env.RUNBEAT_LAB_RELEASES))('links between Runbeat and a real %s', (name) => {
  const is3 = name.startsWith('airflow3');
  let airflow: Airflow;
  let database: TestDatabase;
  let observer: Observer;
  let browser: Browser;
  let context: BrowserContext;
  let detail: RunDetail;

  beforeAll(async () => {
    [database, browser] = await Promise.all([createTestDatabase(), launchChromium()]);
    airflow = await startAirflow(name, {
      dagsFolder: path.resolve(import.meta.dirname, '../dags'),
      awaitDags: ['mapped'],
      settings: {
        CORE__PLUGINS_FOLDER: path.resolve('provisioning/airflow'),
        // Nothing listens there. The test only needs the id that Airflow stores.
        ...(is3 ? { TRACES__OTEL_ON: 'True', TRACES__OTEL_HOST: '127.0.0.1', TRACES__OTEL_PORT: '9' } : {}),
      },
      environment: {
        ...{ RUNBEAT_GRAFANA_URL: `${GRAFANA}/`, RUNBEAT_SOURCE: 'prod', RUNBEAT_GRAFANA_EMBED: 'true' },
        // The plugins folder is the repository's own.
        PYTHONDONTWRITEBYTECODE: '1',
      },
      progress,
    });
    observer = await observe(airflow, database.url);
    await airflow.trigger('mapped', {}, RUN_ID);
    await airflow.waitForRun('mapped', RUN_ID, ['success']);
    context = await browser.newContext();
    // Airflow 3 logs everybody in, but does not return to the requested page.
    const first = await context.newPage();
    await first.goto(airflow.baseUrl, { timeout: 120_000 });
    await first.getByText('DAGs').or(first.getByText('Dags')).first().waitFor({ timeout: 120_000 });
    await eventually(async () => {
      detail = await observer.get<RunDetail>(runPath(SOURCE, 'mapped', RUN_ID).slice(API_PREFIX.length));
      expect(detail.run.state).toBe('success');
    });
  });
  afterAll(async () => {
    await browser?.close();
    await observer?.stop();
    await airflow?.stop();
    await database?.drop();
  });

  /** Opens a page of Airflow and runs an action there. An error includes the text of the page. */
  async function on(url: string, look: (page: Page) => Promise<void>): Promise<void> {
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    try {
      const response = await page.goto(url);
      expect(response!.status()).toBeLessThan(400);
      await look(page);
      expect(decodeURIComponent(page.url())).toContain(decodeURIComponent(new URL(url).pathname));
      expect(await page.locator('body').innerText()).not.toMatch(/404|not found/i);
    } catch (error) {
      await page.screenshot({ path: `artifacts/screenshots/${name}-link.png` });
      throw new Error(`${url}: ${(error as Error).message}\n${await page.locator('body').innerText()}`);
    } finally {
      await page.close();
    }
  }

  const shows = async (page: Page, words: string | RegExp): Promise<void> => page.getByText(words).first().waitFor();

  const taskLinkOf = (task_id: string, map_index = -1): string =>
    detail.tasks.find((task) => task.task_id === task_id && task.map_index === map_index)!.external!;

  test('the link of a run opens the page of that run', async () => {
    await on(detail.run.links.external!, async (page) => shows(page, RUN_ID));
  });

  test.runIf(!is3).each(['graph', 'gantt'] as const)('the link to the %s of a run opens that tab', async (view) => {
    await on(detail.run.links[view], async (page) => {
      await page.getByRole('tab', { name: view, selected: true }).waitFor();
      expect(new URL(page.url()).searchParams.get('dag_run_id')).toBe(RUN_ID);
    });
  });

  test('the link of a task opens its log', async () => {
    await on(taskLinkOf('total'), async (page) => {
      if (is3) {
        await page.getByRole('link', { name: 'Logs' }).first().waitFor();
        await page.getByRole('heading', { name: 'total' }).or(page.getByText('total')).first().waitFor();
      } else {
        await page.getByRole('tab', { name: 'Logs', selected: true }).waitFor();
        await page.getByLabel('Breadcrumb').or(page.getByRole('navigation')).getByText('total').first().waitFor();
      }
    });
  });

  test('the link of a mapped task opens the log of that index', async () => {
    await on(taskLinkOf('square', 2), async (page) => {
      await shows(page, 'square');
      if (is3) await shows(page, /\[2\]|^2$/);
      else await shows(page, /Map Index/i);
      await page
        .getByRole(is3 ? 'link' : 'tab', { name: 'Logs' })
        .first()
        .waitFor();
    });
  });

  test('the plugin is loaded', async () => {
    const listed = await airflow.command(['plugins', '--output', 'json']);
    expect(listed).toContain('RunbeatTaskLink');
    const { plugins } = await airflow.api.get<{ plugins: Plugin[] }>('/plugins');
    const plugin = plugins.find((one) => one.name === 'runbeat')!;
    const lookup = { name: 'Runbeat', href: `${GRAFANA}/a/runbeat-observability-app/lookup` };
    expect(plugin.appbuilder_menu_items).toMatchObject(is3 ? [] : [lookup]);
    expect(plugin.external_views ?? []).toMatchObject(
      is3
        ? [
            { ...lookup, destination: 'nav' },
            { href: expect.stringContaining('dag_id={DAG_ID}&run_id={RUN_ID}') as string, destination: 'dag_run' },
          ]
        : [],
    );
  });

  test('each task instance links to its run in Runbeat, whatever characters its id has', async () => {
    const run = `/dags/mapped/dagRuns/${encodeURIComponent(RUN_ID)}`;
    const answer = await airflow.api.get<Record<string, unknown>>(`${run}/taskInstances/total/links`);
    const { Runbeat: link } = (is3 ? answer.extra_links : answer) as { Runbeat: string };
    expect(link).toBe(
      `${GRAFANA}/a/runbeat-observability-app/run?source=prod&dag_id=mapped&run_id=${encodeURIComponent(RUN_ID)}&tab=gantt&task=total`,
    );
  });

  test('the navigation of its UI has an entry that opens Runbeat', async () => {
    await on(`${airflow.baseUrl}/`, async (page) => {
      if (is3) await page.getByRole('button', { name: 'Browse' }).click();
      const entry = page.locator(`a[href="${GRAFANA}/a/runbeat-observability-app/lookup"]`);
      await entry.first().waitFor({ state: 'attached' });
      expect(await entry.first().innerText()).toContain('Runbeat');
    });
  });

  test.runIf(is3)('a run has a tab that shows Runbeat', async () => {
    await on(detail.run.links.external!, async (page) => {
      await page.getByRole('link', { name: 'Runbeat' }).first().click();
      await page
        .locator('iframe[title="Runbeat"][src*="/run?source=prod&dag_id=mapped&run_id=manual__2024-05-01T10"]')
        .waitFor();
    });
  });

  test.runIf(is3)('the API has the trace of a run that Airflow sends', async () => {
    const [row] = await airflow.query<{ parent: string }>(
      `select context_carrier -> '__var' ->> 'traceparent' as parent from dag_run where dag_id = 'mapped'`,
    );
    expect(detail.run.trace_id).toMatch(/^[0-9a-f]{32}$/);
    expect(row!.parent).toContain(`-${detail.run.trace_id}-`);
  });
});
