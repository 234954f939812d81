import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { journeyPageUrl, PAGES, runPageUrl } from '../../shared/grafana.ts';
import { readingProblems } from './accessibilityTree.ts';
import { launchChromium } from './chromium.ts';
import { Tab } from './page.ts';

/** Each page with a screen reader, and without a mouse. */
describe('readers', () => {
  let browser: Browser;
  let tab: Tab | undefined;
  const [user] = inject('users');
  const [base] = inject('previews').map(({ url }) => url);
  const run = { source: 'runbeat', dag_id: 'onboarding', run_id: `user_${user}` };
  const pages = [
    ['lookup, start', PAGES.lookup, 'Newest user_id'],
    ['lookup', `${PAGES.lookup}?key=user_id&value=${user}`, '42 of 42 tasks'],
    ['journey', journeyPageUrl('user_id', String(user)), ', from'],
    ['run, Gantt', runPageUrl(run, 'gantt'), 'receive_application'],
    ['run, graph', runPageUrl(run, 'graph'), 'critical path'],
    ['run, tasks', runPageUrl(run, 'tasks'), 'receive_application'],
    ['run, tries', runPageUrl(run, 'attempts'), 'receive_application'],
    ['health', PAGES.health, 'is up to date'],
    ['flows', PAGES.flows, 'user_arrivals'],
    ['one flow', `${PAGES.flows}?dag_id=onboarding`, 'Slowest transitions'],
    ['promises', PAGES.promises, 'No promises yet'],
  ] as const;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    await tab?.close();
    tab = undefined;
  });
  afterAll(() => browser?.close());

  it.each(pages)(
    '%s: names, headings and tables in the accessibility tree; focus can be seen',
    async (name, url, words) => {
      tab = await Tab.open(browser, base!, { role: 'Admin' });
      await tab.go(url);
      await tab.sees(words);
      expect(await readingProblems(tab.page)).toEqual(name === 'run, Gantt' ? [GRAFANAS_OWN] : []);
      // Focus by script shows as it does for a key once a key was pressed.
      await tab.page.keyboard.press('Tab');
      expect(await tab.page.evaluate(UNSEEN_FOCUS)).toEqual([]);
    },
  );

  it('charts have a text summary', async () => {
    tab = await Tab.open(browser, base!);
    await tab.go(runPageUrl(run, 'graph'));
    await tab.page.getByRole('group', { name: /^DAG of 42 tasks: \d+ success/ }).waitFor();
    await tab.go(runPageUrl(run, 'gantt'));
    await tab.page.getByRole('treegrid', { name: /^Task instances over time: \d+ success/ }).waitFor();
    await tab.go(journeyPageUrl('user_id', String(user)));
    await tab.page.getByRole('treegrid', { name: /^Runs over time: \d+ / }).waitFor();
  });

  it('announces that a page has loaded', async () => {
    tab = await Tab.open(browser, base!);
    await tab.go(PAGES.flows);
    await tab.page.getByRole('status').filter({ hasText: 'Loaded' }).waitFor({ state: 'attached' });
  });
});

/** The arrow of its field for several choices. */
const GRAFANAS_OWN = 'button without a name';

/** Visible elements of the page that look the same with the focus and without. */
const UNSEEN_FOCUS = `(() => {
  const looks = (element) => [element, element.parentElement, element.parentElement?.parentElement]
    .filter(Boolean)
    .flatMap((one) => ['', '::before', '::after'].map((part) => {
      const { outline, boxShadow, borderColor, backgroundColor, textDecorationLine, opacity } = getComputedStyle(one, part);
      return [outline, boxShadow, borderColor, backgroundColor, textDecorationLine, opacity].join();
    })).join('|');
  const candidates = [...document.querySelectorAll('main a[href], main button:not([disabled]), main input, main textarea, main [tabindex="0"]')]
    .filter((element) => element.checkVisibility() && !element.closest('[aria-hidden="true"]') && element.tabIndex >= 0);
  return candidates.filter((element) => {
    document.activeElement?.blur();
    const before = looks(element);
    element.focus();
    return element === document.activeElement && looks(element) === before;
  }).map((element) => element.outerHTML.slice(0, 160));
})()`;
