import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, get as httpGet } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { build } from 'esbuild';
import { API_PATHS, type Page, type SourceStatus } from '../shared/api.ts';
import { freePort } from '../platform/postgres/embedded.ts';
import { tell } from './figure.ts';
import { residentMegabytes } from './process.ts';

/** The exporter as a separate process, compiled as shipped. */
export interface ExporterProcess {
  url: string;
  get(path: string): Promise<string>;
  /** Reads /metrics to the last byte. */
  scrape(): Promise<void>;
  status(): Promise<SourceStatus>;
  /** Resident memory in MB. */
  rss(): number;
  stop(): Promise<void>;
}

export async function startExporterProcess(settings: Record<string, string>): Promise<ExporterProcess> {
  const folder = mkdtempSync(path.join(process.cwd(), 'node_modules/.bench-'));
  const entry = path.join(folder, 'exporter/service.mjs');
  await build({
    entryPoints: [path.resolve(import.meta.dirname, 'exporterService.ts')],
    outfile: entry,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  spawnSync('cp', ['-r', path.resolve(import.meta.dirname, '../exporter/migrations'), folder]);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = fork(entry, ['exporter'], {
    env: { PATH: process.env.PATH, RUNBEAT_LISTEN: `127.0.0.1:${port}`, RUNBEAT_LOG_LEVEL: 'warn', ...settings },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const get = (at: string): Promise<string> => getText(url + at, agent);
  const process_ = {
    url,
    get,
    scrape: () => scrape(port),
    status: async () => (JSON.parse(await get(API_PATHS.sources)) as Page<SourceStatus>).items[0]!,
    rss: () => residentMegabytes(child.pid!),
    stop: async () => {
      agent.destroy();
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await until(async () => (await fetch(`${url}/healthz`)).ok, 20);
  return process_;
}

/** Sends a request over a kept-alive connection, as Grafana's proxy does. Rejects for any status other than 200. */
function getText(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    httpGet(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`${response.statusCode} ${url}: ${text}`)),
      );
    }).on('error', reject);
  });
}

const received = Buffer.alloc(64 * 1024);

/**
 * One scrape, from connecting to the last byte. It reuses the same memory, because fetch allocates so much for a body of this size that
 * garbage collection in this process would be part of the measurement.
 */
function scrape(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = '';
    const take = (size: number): boolean => {
      if (head === '') head = received.toString('latin1', 0, Math.min(size, 32));
      return true;
    };
    const socket = connect({ port, host: '127.0.0.1', onread: { buffer: received, callback: take } });
    socket.on('error', reject);
    socket.on('end', () => (head.startsWith('HTTP/1.1 200 ') ? resolve() : reject(new Error(`/metrics: ${head}`))));
    socket.write(`GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
  });
}

/** Polls until the condition holds. A refused connection counts as false. */
export async function until(ask: () => Promise<boolean>, everyMs: number, timeoutMs = 3_600_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await ask().catch(() => false))) {
    if (performance.now() > deadline) throw new Error('The condition that the benchmark waits for did not occur.');
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Waits until the exporter has indexed the history of `runs` runs. Returns the seconds that it took. */
export async function untilCaughtUp(exporter: ExporterProcess, runs: number, everyMs = 100): Promise<number> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  let reportedAt = 0;
  await until(async () => {
    const { up, catchup_progress: share } = await exporter.status();
    if (seconds() > reportedAt + 10 && share !== null) {
      reportedAt = seconds();
      tell(
        `indexed ${Math.round(share * runs)} of ${runs} runs, ${round((share * runs) / reportedAt)}/s, ${round(exporter.rss())} MB`,
      );
    }
    return up && share === null;
  }, everyMs);
  return seconds();
}

/** Sorted milliseconds of repeated calls. `before` runs before each call and is not measured. */
export async function timed(
  times: number,
  call: (n: number) => Promise<unknown>,
  before: () => Promise<void> = async () => undefined,
): Promise<number[]> {
  const taken: number[] = [];
  for (let n = 0; n < times; n++) {
    await before();
    const started = performance.now();
    await call(n);
    taken.push(performance.now() - started);
  }
  return taken.sort((a, b) => a - b);
}

export function round(value: number): number {
  return Number(value.toPrecision(3));
}
