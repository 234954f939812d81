import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../../platform/postgres/embedded.ts';
import { startPreview, type Preview } from '../../preview/server.ts';
import { PAGES, runPageUrl } from '../../shared/grafana.ts';
import { launchChromium } from './chromium.ts';
import { Tab, type Look } from './page.ts';
import { API_TOKEN } from './stack.ts';

/** What a person sees if something is missing, invalid or not allowed: the problem, and a remedy. */

const LOOKUP = `${PAGES.lookup}?key=user_id&value=1`;

describe('states', () => {
  let browser: Browser;
  let tab: Tab | undefined;
  const stops: (() => Promise<unknown>)[] = [];
  const [user] = inject('users');
  const everyPage = [
    ['lookup', `${PAGES.lookup}?key=user_id&value=${user}`],
    ['health', PAGES.health],
    ['flows', PAGES.flows],
    ['run', runPageUrl({ source: 'runbeat', dag_id: 'onboarding', run_id: `user_${user}` }, 'gantt')],
  ] as const;
  const [base] = inject('previews').map((preview) => preview.url);

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    await tab?.close();
    tab = undefined;
    for (const stop of stops.splice(0)) await stop();
  });
  afterAll(() => browser?.close());

  async function open(url: string, where = base!, look?: Look): Promise<Tab> {
    tab = await Tab.open(browser, where, look);
    await tab.go(url);
    return tab;
  }

  async function previewOf(
    exporterUrl: string,
    { apiToken, ...options }: { apiToken?: string; proxyTimeoutMs?: number } = {},
  ): Promise<Preview> {
    const preview = await startPreview({ exporterUrl, apiToken, listen: '127.0.0.1:0', ...options });
    stops.push(() => preview.stop());
    return preview;
  }

  /** A server that is not an exporter. */
  async function impostor(answer: Parameters<typeof createServer>[1]): Promise<string> {
    const server: Server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('an exporter that is down: what to check, a retry, and the settings for an Admin alone', async () => {
    const { url } = await previewOf(`http://127.0.0.1:${await freePort()}`);
    for (const [role, settings] of [
      ['Viewer', 0],
      ['Admin', 1],
    ] as const) {
      const { page } = await open(LOOKUP, url, { role });
      await page.getByText('The exporter can’t be reached').waitFor();
      await page.getByRole('button', { name: 'Try again' }).waitFor();
      expect(await page.getByRole('link', { name: 'Data source settings' }).count()).toBe(settings);
      await tab!.screenshot(`error-unreachable-${role.toLowerCase()}`);
      expect(await tab!.barriers()).toEqual([]);
      await tab!.close();
    }
  });

  it('an exporter that is down says so on every page', async () => {
    const { url } = await previewOf(`http://127.0.0.1:${await freePort()}`);
    for (const page of [PAGES.health, PAGES.flows, runPageUrl({ source: 's', dag_id: 'd', run_id: 'r' }, 'gantt')]) {
      await open(page, url);
      await tab!.sees('The exporter can’t be reached');
      expect(await tab!.page.getByText('The exporter can’t be reached').count()).toBe(1);
      await tab!.screenshot(`error-unreachable-${page.split(/[/?]/)[3]}`);
      await tab!.close();
    }
  });

  it.each(['lookup', 'gantt', 'graph'])(
    'an exporter that is down: the %s panel does not say that nothing was found',
    async (panel) => {
      const { url } = await previewOf(`http://127.0.0.1:${await freePort()}`);
      const { page } = await open(`/d/preview?panel=${panel}&var-value=1&var-dag_id=d&var-run_id=r`, url);
      const notice = page.getByRole('status').filter({ hasText: 'The query failed' });
      await notice.getByText(/The exporter can’t be reached\. Bad Gateway\. Check that the exporter runs/).waitFor();
      await tab!.screenshot(`error-panel-${panel}`);
    },
  );

  it('a token that the exporter refuses', async () => {
    const { url } = await previewOf(inject('exporterUrl'), { apiToken: 'wrong' });
    await open(LOOKUP, url, { role: 'Admin' });
    await tab!.sees('The exporter refuses the token');
    await tab!.sees(/RUNBEAT_API_TOKEN/);
    await tab!.screenshot('error-token');
  });

  it('the data source’s own test says the same', async () => {
    const { url } = await previewOf(inject('exporterUrl'), { apiToken: 'wrong' });
    const { page } = await open('/connections/datasources/edit/runbeat-runs', url, { role: 'Admin' });
    await page.getByRole('button', { name: 'Test' }).click();
    await tab!.sees(/The exporter refuses the token/);
    await tab!.close();
    const { page: good } = await open('/connections/datasources/edit/runbeat-runs', base, { role: 'Admin' });
    await good.getByRole('button', { name: 'Test' }).click();
    await tab!.sees(/Reads runbeat/);
  });

  it('something else at the exporter’s address', async () => {
    const { url } = await previewOf(await impostor((_, response) => response.end('<html>hello</html>')));
    await open(LOOKUP, url);
    await tab!.sees('The answer is not from a Runbeat exporter of this version');
    await tab!.screenshot('error-impostor');
  });

  it('an exporter that takes its time: the page says what it is doing', async () => {
    const { url } = await previewOf(await impostor(() => undefined));
    await open(LOOKUP, url);
    await tab!.sees('Looking up…');
    await tab!.screenshot('loading-lookup');
  });

  it.each(everyPage)(
    'an exporter that does not answer in time: %s says so once, and is there when it does',
    async (name, url) => {
      let hangs = true;
      const exporter = await impostor((request, response) => {
        if (!hangs) void passOn(request.url!, response);
      });
      const preview = await previewOf(exporter, { proxyTimeoutMs: 300 });
      const { page } = await open(url, preview.url);
      const notice = page.getByText('The exporter takes too long to answer');
      await notice.first().waitFor();
      expect(await notice.count()).toBe(1);
      await tab!.screenshot(`error-slow-${name}`);
      expect(await tab!.barriers()).toEqual([]);
      hangs = false;
      await page.getByRole('button', { name: 'Try again' }).click();
      await notice.first().waitFor({ state: 'detached' });
      expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
      expect(tab!.complaints.filter((complaint) => !complaint.startsWith('504 '))).toEqual([]);
    },
  );

  it.each(everyPage)('an exporter of another version, whose answers have other fields: %s', async (name, url) => {
    const exporter = await impostor((request, response) => void passOn(request.url!, response, OLDER));
    const { page } = await open(url, (await previewOf(exporter)).url);
    await page.getByText('The answer is not from a Runbeat exporter of this version').waitFor();
    await page.getByText(/Its answer has no/).waitFor();
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    await tab!.screenshot(`error-version-${name}`);
    expect(tab!.complaints).toEqual([]);
  });

  it('an answer that can’t be drawn leaves the page standing', async () => {
    let odd = true;
    const exporter = await impostor(
      (request, response) => void passOn(request.url!, response, odd ? [/"current":/g, '"was":'] : undefined),
    );
    const { page } = await open(`${PAGES.lookup}?key=user_id&value=${user}`, (await previewOf(exporter)).url);
    await tab!.sees('The exporter’s answer can’t be shown');
    await tab!.screenshot('error-unreadable');
    expect(await tab!.barriers()).toEqual([]);
    odd = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await tab!.sees('42 of 42 tasks');
  });

  it.each([
    ['an unknown user', `${PAGES.lookup}?key=user_id&value=nobody`, 'No run found for user_id “nobody”'],
    ['a DAG that has no such run', `${PAGES.lookup}?key=user_id&value=1&dag_id=nope`, 'Search in all DAGs'],
    ['a key that is not indexed', `${PAGES.lookup}?key=nope&value=1`, /nope/],
    [
      'a run that is not there',
      runPageUrl({ source: 'runbeat', dag_id: 'onboarding', run_id: 'nope' }, 'gantt'),
      'Not found',
    ],
    [
      'a source that is not there',
      runPageUrl({ source: 'nope', dag_id: 'd', run_id: 'r' }, 'graph'),
      'There is no such source',
    ],
    ['a link that names no run', `${PAGES.run}?source=runbeat`, 'This link does not name a run'],
    ['a DAG without runs', `${PAGES.flows}?dag_id=nope`, 'No run of nope in this time range'],
    ['a source that nobody observes any more', `${PAGES.health}?source=gone`, 'Show all sources'],
    ['a DAG with a long name', `${PAGES.flows}?dag_id=${'d'.repeat(250)}`, 'No run of ddd'],
    ['a journey of a long id', `${PAGES.journey}?key=user_id&value=${'v'.repeat(500)}`, 'No run found for user_id'],
    [
      'a run with a long id',
      runPageUrl({ source: 'runbeat', dag_id: 'd'.repeat(250), run_id: 'r'.repeat(250) }, 'graph'),
      'Not found',
    ],
    ['a range that is nonsense', `${PAGES.health}?from=yesterdayish&to=%F0%9F%A6%8A`, 'is up to date'],
    ['a page that is not there', `${PAGES.lookup}s`, 'Newest user_id'],
  ])('%s', async (name, url, words) => {
    await open(url);
    await tab!.sees(words);
    await tab!.screenshot(`empty-${name.replaceAll(/\W+/g, '-')}`);
    expect(tab!.complaints.filter((complaint) => !/^40[04] /.test(complaint))).toEqual([]);
    expect(await tab!.overflows()).toBe(false);
    expect(await tab!.barriers()).toEqual([]);
  });

  it.each(['a b', "' or 1=1 --", '"quoted"', '🦊', '../../etc', '<img src=x onerror=alert(1)>', 'x'.repeat(600)])(
    'looks up the id %j and finds nothing, quietly',
    async (id) => {
      await open(`${PAGES.lookup}?${new URLSearchParams({ key: 'user_id', value: id })}`);
      await tab!.sees('No run found for');
      expect(await tab!.overflows()).toBe(false);
      expect(tab!.complaints).toEqual([]);
    },
  );

  it('accepts 10,000 ids of any kind at once, and separates the found ones from the rest', async () => {
    const { page } = await open(PAGES.lookup);
    const odd = (at: number) => ['', ` b c`, `"x" '${at}'`, '🦊 O’Neil', '&?#%/\\'][at % 5]!;
    const ids = Array.from({ length: 10_000 }, (_, at) => `${at + 1}${odd(at)}`).join('\n');
    // A real paste, because filling a field line by line would take Chromium longer than the lookup.
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(ids)})`);
    await page.getByLabel('Id', { exact: true }).focus();
    await page.keyboard.press('Control+V');
    await page.getByRole('button', { name: 'Find runs of 10,000' }).click();
    await page.getByText(/runs for [\d,]+ of 10,000 ids/).waitFor({ timeout: 50_000 });
    await tab!.screenshot('lookup-10000');
    expect(tab!.complaints).toEqual([]);
  });
});

/** The real exporter's response, optionally with renamed fields. */
async function passOn(path: string, response: ServerResponse, renamed?: [RegExp, string]): Promise<void> {
  const headers = { authorization: `Bearer ${API_TOKEN}` };
  const answer = await fetch(inject('exporterUrl') + path, { headers });
  const text = await answer.text();
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type')! });
  response.end(renamed ? text.replaceAll(...renamed) : text);
}

/** What an older API may have called them. */
const OLDER: [RegExp, string] = [/"(links|earlier_attempts|state|up)":/g, '"old_$1":'];
