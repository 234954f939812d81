import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { launchChromium } from './chromium.ts';
import { Tab } from './page.ts';

/** A dashboard that refreshes every second: what a person does in a panel is kept, and nothing is rebuilt. */
describe('a dashboard that refreshes itself', () => {
  let browser: Browser;
  let tab: Tab | undefined;
  const [user] = inject('users');
  const [base] = inject('previews').map(({ url }) => url);

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    await tab?.close();
    tab = undefined;
  });
  afterAll(() => browser?.close());

  async function open(panel: string, words: string | RegExp): Promise<Tab['page']> {
    tab = await Tab.open(browser, base!);
    const run = `var-source=runbeat&var-dag_id=onboarding&var-run_id=user_${user}`;
    await tab.go(`/d/preview?panel=${panel}&var-value=${user}&${run}&refresh=1s`);
    await tab.sees(words);
    return tab.page;
  }

  /** Waits until three more responses have arrived and the last one is drawn. */
  async function refreshed(page: Tab['page'], path: RegExp): Promise<void> {
    for (let count = 0; count < 3; count++) await page.waitForResponse((response) => path.test(response.url()));
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  }

  /** Counts the elements that are taken out of a part of the page. */
  function watch(page: Tab['page'], selector: string): Promise<unknown> {
    return page.evaluate(`{
      window.takenOut = [];
      new MutationObserver((changes) => {
        for (const { removedNodes } of changes)
          for (const node of removedNodes) if (node.nodeType === 1) window.takenOut.push(node.outerHTML.slice(0, 120));
      }).observe(document.querySelector(${JSON.stringify(selector)}), { childList: true, subtree: true });
    }`);
  }

  it('lookup: what is being typed stays, with the focus, and no row is drawn anew', async () => {
    const page = await open('lookup', '42 of 42 tasks');
    const field = page.getByLabel('Id', { exact: true });
    await field.fill('12345');
    await watch(page, '[role="region"][aria-label="Runs found"]');
    await refreshed(page, /\/lookup\?/);
    expect(await field.inputValue()).toBe('12345');
    expect(await field.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true);
    expect(await page.evaluate('window.takenOut')).toEqual([]);
  });

  it('Gantt: filter, zoom and the chosen row stay', async () => {
    const page = await open('gantt', 'receive_application');
    await page.getByLabel('Filter tasks').fill('bureau');
    await page.getByRole('button', { name: /Zoom in/ }).click();
    const [count] = await page.getByRole('status').allTextContents();
    await watch(page, '[role="treegrid"]');
    await refreshed(page, /\/runs\/runbeat\/onboarding\//);
    expect(await page.getByLabel('Filter tasks').inputValue()).toBe('bureau');
    expect(await page.getByRole('button', { name: /Whole run/ }).isEnabled()).toBe(true);
    expect((await page.getByRole('status').allTextContents())[0]).toBe(count);
    expect(await page.evaluate('window.takenOut')).toEqual([]);
  });

  it('graph: the viewport and the task in focus stay, and no node is drawn anew', async () => {
    const page = await open('graph', 'critical path');
    await page.locator('.react-flow__viewport').waitFor();
    await page.getByRole('group', { name: /^DAG of/ }).press('+');
    const viewport = () => page.locator('.react-flow__viewport').getAttribute('style');
    await refreshed(page, /\/runs\/runbeat\/onboarding\//);
    const before = await viewport();
    await watch(page, '.react-flow__viewport');
    await refreshed(page, /\/runs\/runbeat\/onboarding\//);
    expect(await viewport()).toBe(before);
    expect(await page.evaluate('window.takenOut')).toEqual([]);
  });

  it.each(['lookup', 'gantt', 'graph'])('%s: leaves nothing behind', async (panel) => {
    const page = await open(panel, panel === 'lookup' ? '42 of 42 tasks' : /receive_application|critical path/);
    const cdp = await page.context().newCDPSession(page);
    const counted = async () => {
      await cdp.send('HeapProfiler.collectGarbage');
      return (await cdp.send('Memory.getDOMCounters')) as { nodes: number; jsEventListeners: number };
    };
    const path = panel === 'lookup' ? /\/lookup\?/ : /\/runs\/runbeat\/onboarding\//;
    await refreshed(page, path);
    const before = await counted();
    await refreshed(page, path);
    await refreshed(page, path);
    const after = await counted();
    expect(after.nodes - before.nodes).toBeLessThan(50);
    expect(after.jsEventListeners - before.jsEventListeners).toBeLessThan(50);
  });
});
