import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCREENSHOTS = 'artifacts/screenshots';
/** Fonts and icons that are part of Grafana's server, but not of its packages. */
const GRAFANA_ONLY = /\/public\/(fonts|build\/img)\//;

export interface Look {
  theme?: 'dark' | 'light';
  width?: number;
  role?: 'Viewer' | 'Editor' | 'Admin';
}

/** A browser tab with a preview, which records all errors. */
export class Tab {
  /** Uncaught errors, console errors and answers of 400 and above, in the order in which they came. */
  readonly complaints: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly base: string,
    private readonly look: Required<Look>,
  ) {
    // A page takes seconds on a busy machine. Only a hang takes this long.
    page.setDefaultTimeout(60_000);
    page.on('pageerror', (error) => this.complaints.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        this.complaints.push(`console: ${message.text()}`);
      }
    });
    page.on('response', (response) => {
      if (response.status() >= 400 && !GRAFANA_ONLY.test(response.url())) {
        this.complaints.push(`${response.status()} ${new URL(response.url()).pathname}`);
      }
    });
  }

  static async open(browser: Browser, base: string, look: Look = {}): Promise<Tab> {
    const complete = { theme: 'dark', width: 1280, role: 'Viewer', ...look } as const;
    const context = await browser.newContext({
      viewport: { width: complete.width, height: 900 },
      timezoneId: 'Europe/Berlin',
      reducedMotion: 'reduce',
    });
    return new Tab(await context.newPage(), base, complete);
  }

  async go(to: string): Promise<void> {
    const url = new URL(to, this.base);
    url.searchParams.set('theme', this.look.theme);
    url.searchParams.set('role', this.look.role);
    await this.page.goto(url.href);
  }

  /** Waits for visible text. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    const { theme, width } = this.look;
    await this.page.screenshot({ path: path.join(SCREENSHOTS, `${name}-${theme}-${width}.png`), fullPage: true });
  }

  /** Serious and critical findings of axe, as `rule: element`. */
  async barriers(): Promise<string[]> {
    await this.page.evaluate(AXE);
    const violations = (await this.page.evaluate(
      "axe.run(document, { resultTypes: ['violations'] }).then((results) => results.violations)",
    )) as { id: string; impact: string; nodes: { html: string }[] }[];
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
  }

  /** Whether the page is wider than the window, so that a phone would have to scroll sideways. */
  overflows(): Promise<boolean> {
    return this.page.evaluate('document.documentElement.scrollWidth > window.innerWidth + 1');
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
