import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type Page } from 'playwright-core';
import { UserError } from '../platform/errors.ts';
import { startPreview } from '../preview/server.ts';
import { PAGES } from '../shared/grafana.ts';
import type { Bench } from './figure.ts';
import { serveAnswers } from './panels/answers.ts';
import { COUNT_FRAMES, watchFor } from './panels/inPage.ts';

const RUNS = 5;
/** Painted from afar, or in elements that React Flow has measured and placed. */
const PAINTED_GRAPH = 'section .react-flow canvas, section .react-flow__node[style*="visibility: visible"]';
const LIMITS = { gantt: 200, graph: 500, lookup: 100, module: 60, fps: 60 };

/** The built plugin in Chromium: from the last byte of the API's answer to the first frame that shows it. */
export const run: Bench = async (_options, print) => {
  const browser = await launch();
  const answers = await serveAnswers();
  const preview = await startPreview({ exporterUrl: answers.url, listen: '127.0.0.1:0' });
  const show = async (url: string, selector: string) =>
    median(await repeat(() => paintMs(browser, preview.url + url, selector)));
  const printAgainst = (metric: string, value: number, unit: string, limit: number) =>
    print({ bench: 'panels', metric, value, unit, vs: `limit ${limit}`, ratio: Number((value / limit).toFixed(3)) });
  try {
    const gantt = '/d/preview?panel=gantt&var-dag_id=big&var-run_id=big-5000-50';
    printAgainst('gantt_5000_ms', await show(gantt, 'section canvas'), 'ms', LIMITS.gantt);
    printAgainst('gantt_zoom_fps', await zoomFps(browser, preview.url + gantt), 'frames/s', LIMITS.fps);
    const graph = '/d/preview?panel=graph&var-dag_id=big&var-run_id=big-1000-25';
    printAgainst('graph_1000_ms', await show(graph, PAINTED_GRAPH), 'ms', LIMITS.graph);
    printAgainst(
      'lookup_ms',
      await show(`${PAGES.lookup}?key=user_id&value=42`, 'table tbody tr'),
      'ms',
      LIMITS.lookup,
    );
    const module = gzipSync(readFileSync('dist/module.js')).length / 1_000;
    printAgainst('module_gz_kb', Number(module.toFixed(1)), 'kB', LIMITS.module);
  } finally {
    await preview.stop();
    await answers.stop();
    await browser.close();
  }
};

function launch(): Promise<Browser> {
  const places = [
    process.env.RUNBEAT_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
  ];
  const executablePath = places.find((path) => path && existsSync(path));
  if (!executablePath) throw new UserError('No Chromium was found.', 'Install one, or name it in RUNBEAT_CHROMIUM.');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  });
}

async function paintMs(browser: Browser, url: string, selector: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript({ content: watchFor(selector) });
  await page.goto(url);
  const painted = await page.waitForFunction('window.paintedMs', undefined, { timeout: 60_000 });
  const ms = (await painted.jsonValue()) as number;
  await page.close();
  return ms;
}

/** Frames a second while the wheel zooms for two seconds. */
async function zoomFps(browser: Browser, url: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(url);
  const canvas = page.locator('section canvas').first();
  await canvas.waitFor();
  const box = (await canvas.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const frames = page.evaluate(COUNT_FRAMES) as Promise<number>;
  await zoomFor(page, 2_000);
  const fps = await frames;
  await page.close();
  return Math.round(fps);
}

async function zoomFor(page: Page, ms: number): Promise<void> {
  await page.keyboard.down('Control');
  const end = Date.now() + ms;
  for (let at = 0; Date.now() < end; at++) await page.mouse.wheel(0, at % 40 < 20 ? -60 : 60);
  await page.keyboard.up('Control');
}

async function repeat(measure: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let at = 0; at < RUNS; at++) values.push(await measure());
  return values;
}

function median(values: readonly number[]): number {
  return Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!);
}
