import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type Page } from 'playwright-core';
import { UserError } from '../platform/errors.ts';
import { startPreview } from '../preview/server.ts';
import { PAGES } from '../shared/grafana.ts';
import { percentile, judged, spread, type Bench } from './figure.ts';
import { serveAnswers } from './panels/answers.ts';
import { COUNT_FRAMES, COUNT_PAINTS, FIXED_WORK, watchFor } from './panels/inPage.ts';

const RUNS = 5;
/** The graph is painted as an overview, or as elements that React Flow has measured and placed. */
const PAINTED_GRAPH = 'section .react-flow canvas, section .react-flow__node[style*="visibility: visible"]';
/** Limits in milliseconds, on an otherwise idle machine. */
const LIMITS_MS = { gantt: 200, graph: 500, lookup: 100 };
/** Time of the reference work on that machine: 77 to 94 ms of the main thread's CPU time, regardless of other load. */
const FIXED_WORK_MS = 90;
const MODULE_LIMIT_KB = 60;
const WHEEL_EVERY_MS = 8;
/** Zooming may cost up to a fifth of the frames. */
const LEAST_ZOOM = 0.8;

type Print = Parameters<Bench>[1];

/**
 * The built plugin in Chromium: the time from the last byte of the API's response to the first frame that shows it. Each paint is compared
 * with a fixed reference work in the same page right afterwards, which a busy machine slows down equally.
 */
export const run: Bench = async (_options, print) => {
  const browser = await launch();
  const answers = await serveAnswers();
  const preview = await startPreview({ exporterUrl: answers.url, listen: '127.0.0.1:0' });
  try {
    const gantt = `${preview.url}/d/preview?panel=gantt&var-dag_id=big&var-run_id=big-5000-50`;
    await printPaint(print, 'gantt_5000_ms', LIMITS_MS.gantt, () => paint(browser, gantt, 'section canvas'));
    await printZoom(print, browser, gantt);
    const graph = `${preview.url}/d/preview?panel=graph&var-dag_id=big&var-run_id=big-1000-25`;
    await printPaint(print, 'graph_1000_ms', LIMITS_MS.graph, () => paint(browser, graph, PAINTED_GRAPH));
    const lookup = `${preview.url}${PAGES.lookup}?key=user_id&value=42`;
    await printPaint(print, 'lookup_ms', LIMITS_MS.lookup, () => paint(browser, lookup, 'table tbody tr'));
    const value = Number((gzipSync(readFileSync('dist/module.js')).length / 1_000).toFixed(1));
    print(
      judged({ bench: 'panels', metric: 'module_gz_kb', value, unit: 'kB', better: 'lower', limit: MODULE_LIMIT_KB }),
    );
  } finally {
    await preview.stop();
    await answers.stop();
    await browser.close();
  }
};

interface Paint {
  ms: number;
  fixedMs: number;
}

async function printPaint(print: Print, metric: string, limitMs: number, measure: () => Promise<Paint>): Promise<void> {
  const paints: Paint[] = [];
  for (let at = 0; at < RUNS; at++) paints.push(await measure());
  const ratios = paints.map(({ ms, fixedMs }) => ms / fixedMs);
  const fixed = Math.round(median(paints.map(({ fixedMs }) => fixedMs)));
  const figure = {
    ...{ bench: 'panels', metric, value: Math.round(median(paints.map(({ ms }) => ms))), unit: 'ms' },
    ...{ vs: `fixed work in the same page, ${fixed} ms`, ratio: Number(median(ratios).toFixed(2)) },
    ...{ better: 'lower' as const, limit: Number((limitMs / FIXED_WORK_MS).toFixed(2)) },
  };
  print(judged(figure, { noise: spread(ratios) }));
}

async function printZoom(print: Print, browser: Browser, url: string): Promise<void> {
  const zooms: { paints: number; frames: number }[] = [];
  for (let at = 0; at < 3; at++) zooms.push(await zoom(browser, url));
  const ratios = zooms.map(({ paints, frames }) => paints / frames);
  const frames = Math.round(median(zooms.map((one) => one.frames)));
  const figure = {
    ...{ bench: 'panels', metric: 'gantt_zoom_fps', value: Math.round(median(zooms.map(({ paints }) => paints))) },
    ...{
      unit: 'changed pictures/s',
      vs: `frames of the idle page, ${frames}/s`,
      ratio: Number(median(ratios).toFixed(2)),
    },
    ...{ better: 'higher' as const, limit: LEAST_ZOOM },
  };
  print(judged(figure, { noise: spread(ratios) }));
}

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

async function paint(browser: Browser, url: string, selector: string): Promise<Paint> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.addInitScript({ content: watchFor(selector) });
  await page.goto(url);
  const painted = await page.waitForFunction('window.paintedMs', undefined, { timeout: 60_000 });
  const ms = (await painted.jsonValue()) as number;
  const fixedMs = (await page.evaluate(FIXED_WORK)) as number;
  await page.close();
  return { ms, fixedMs };
}

/** Changed pictures and frames per second: while the wheel zooms for two seconds, and before that. */
async function zoom(browser: Browser, url: string): Promise<{ paints: number; frames: number }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(url);
  const canvas = page.locator('section canvas').first();
  await canvas.waitFor();
  const frames = (await page.evaluate(COUNT_FRAMES)) as number;
  const box = (await canvas.boundingBox())!;
  // The canvas is taller than its visible part.
  await page.mouse.move(box.x + box.width / 2, box.y + 60);
  const counted = page.evaluate(COUNT_PAINTS) as Promise<number>;
  await zoomFor(page, 2_000);
  const paints = await counted;
  await page.close();
  return { paints, frames };
}

/**
 * Sends wheel events like a touchpad: more than one per frame, without waiting for answers. Chromium takes two frames to acknowledge an
 * event, so a benchmark that waited for each one would measure its own pace.
 */
async function zoomFor(page: Page, ms: number): Promise<void> {
  await page.keyboard.down('Control');
  const end = Date.now() + ms;
  const sent: Promise<void>[] = [];
  for (let at = 0; Date.now() < end; at++) {
    sent.push(page.mouse.wheel(0, at % 40 < 20 ? -30 : 30));
    await sleep(WHEEL_EVERY_MS);
  }
  await Promise.all(sent);
  await page.keyboard.up('Control');
}

const median = (values: readonly number[]): number => percentile(values, 0.5);
