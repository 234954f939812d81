import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, get as httpGet } from 'node:http';
import { API_PATHS, type Page, type SourceStatus } from '../shared/api.ts';
import { METRICS } from '../shared/metrics.ts';
import { addFinishedRuns, bulk, startAirflowLab, writeOut } from './airflowLab.ts';
import { round, startExporterProcess, until, type ExporterProcess } from './exporterProcess.ts';
import { judged, percentile, tell, type Bench } from './figure.ts';
import { writeSources } from './load/sources.ts';

const SOURCES = 10;
const DASHBOARDS = 50;
const LOOKUPS = 200;
const EVERYBODY = { dashboards: DASHBOARDS, lookups: LOOKUPS };
/** Requests of Grafana's dashboards and the app's pages at each refresh. */
const DASHBOARD_SECONDS = 10;
const DASHBOARD = [
  API_PATHS.health,
  API_PATHS.schedulers,
  `${API_PATHS.runs}?limit=50`,
  `${API_PATHS.outages}?limit=20`,
  `${API_PATHS.promises}?limit=50`,
  `${API_PATHS.transitions}?limit=20`,
];
/** Refresh interval of an open lookup. */
const LOOKUP_SECONDS = 10;
const FULL = 100_000;
const POLL_SECONDS = 2;
/** A single user and all users take turns, so that both figures come from the same conditions. */
const TURN_SECONDS = { one: 15, all: 45 };

/**
 * 50 dashboards and 200 open lookups on one exporter with 10 sources take turns with a single user who has one of each open. Both send
 * the same requests at the same pace, so the ratio is the cost of the other users.
 */
export const run: Bench = async ({ scale = FULL, minutes = 30 }, print) => {
  const users = Math.max(1, Math.floor(scale / 10));
  const lab = await startAirflowLab(`load-${scale}`, (client) =>
    bulk(client, 'dag_run', () => addFinishedRuns(client, scale, users)),
  );
  const config = writeSources(lab.readerUrl, SOURCES);
  try {
    const exporter = await startExporterProcess({
      RUNBEAT_CONFIG: config.file,
      RUNBEAT_INDEX_URL: lab.index.url,
      RUNBEAT_POLL_INTERVAL: String(POLL_SECONDS),
    });
    try {
      tell(`${SOURCES} sources with ${scale} runs each are being indexed`);
      await until(async () => (await statuses(exporter)).every((one) => one.up && one.catchup_progress === null), 500);
      await writeOut(lab.index);
      await measure(exporter, users, minutes, print);
    } finally {
      await exporter.stop();
    }
  } finally {
    config.remove();
    await lab.stop();
  }
};

async function measure(
  exporter: ExporterProcess,
  users: number,
  minutes: number,
  print: Parameters<Bench>[1],
): Promise<void> {
  const asked = { one: new Answers(), all: new Answers() };
  const memory: number[] = [];
  let lag = 0;
  const watching = new AbortController();
  const watch = watchLag(exporter, watching.signal, (seconds) => (lag = Math.max(lag, seconds)));
  try {
    await people(exporter.url, users, EVERYBODY, TURN_SECONDS.all, new Answers());
    const until = performance.now() + minutes * 60_000;
    while (performance.now() < until) {
      await people(exporter.url, users, { dashboards: 1, lookups: 1 }, TURN_SECONDS.one, asked.one);
      await people(exporter.url, users, EVERYBODY, TURN_SECONDS.all, asked.all);
      memory.push(exporter.rss());
      tell(
        `p99 of one ${round(asked.one.p99)} ms, of all ${round(asked.all.p99)} ms; ${round(exporter.rss())} MB, latest poll ${round(lag)} s, ${asked.all.failures.length} failed`,
      );
    }
  } finally {
    watching.abort();
    await watch;
  }
  const [one, all] = [asked.one.p99, asked.all.p99];
  const failures = [...asked.one.failures, ...asked.all.failures];
  for (const failure of new Set(failures)) tell(`failed: ${failure}`);
  const third = Math.max(1, Math.floor(memory.length / 3));
  const growth = percentile(memory.slice(-third), 0.5) - percentile(memory.slice(0, third), 0.5);
  const figure = { bench: 'load', better: 'lower' } as const;
  print(
    judged({
      ...figure,
      metric: 'p99_ratio',
      value: round(all),
      unit: 'ms',
      vs: `a single user: ${round(one)} ms`,
      ratio: round(all / one),
      limit: 3,
    }),
  );
  print({ bench: 'load', metric: 'p50_ms', value: round(percentile(asked.all.times, 0.5)), unit: 'ms' });
  print({ bench: 'load', metric: 'answers', value: asked.all.times.length, unit: 'answers' });
  print(judged({ ...figure, metric: 'failed_answers', value: failures.length, unit: 'answers', limit: 0 }));
  print(judged({ ...figure, metric: 'rss_growth_mb', value: round(growth), unit: 'MB', limit: 30 }));
  print(judged({ ...figure, metric: 'latest_poll_seconds', value: round(lag), unit: 's', limit: 2 * POLL_SECONDS }));
}

class Answers {
  /** Milliseconds of each answer. */
  readonly times: number[] = [];
  readonly failures: string[] = [];

  get p99(): number {
    return percentile(this.times, 0.99);
  }
}

/** Simulates this many people with open pages, which refresh at different moments. */
async function people(
  url: string,
  users: number,
  { dashboards, lookups }: { dashboards: number; lookups: number },
  seconds: number,
  answers: Answers,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: dashboards * DASHBOARD.length + lookups });
  const until = performance.now() + seconds * 1000;
  const ask = async (path: string): Promise<void> => {
    const started = performance.now();
    try {
      await answered(url + path, agent);
      answers.times.push(performance.now() - started);
    } catch (error) {
      answers.failures.push(`${path.split('?')[0]}: ${(error as Error).message}`);
    }
  };
  const open = async (everySeconds: number, refresh: () => Promise<unknown>): Promise<void> => {
    let next = performance.now() + everySeconds * 1000 * Math.random();
    // A turn is too short for many refreshes of a single user, so that user refreshes more often.
    const pace = dashboards === 1 ? everySeconds * 100 : everySeconds * 1000;
    if (dashboards === 1) next = performance.now();
    for (; next < until; next += pace) {
      await sleep(Math.max(0, next - performance.now()));
      await refresh();
    }
  };
  const user = (): number => Math.floor(users * Math.random());
  await Promise.all([
    ...Array.from({ length: dashboards }, () => open(DASHBOARD_SECONDS, () => Promise.all(DASHBOARD.map(ask)))),
    ...Array.from({ length: lookups }, () =>
      open(LOOKUP_SECONDS, () => ask(`${API_PATHS.lookup}?key=user_id&value=${user()}&limit=10`)),
    ),
  ]);
  agent.destroy();
}

function answered(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    httpGet(url, { agent }, (response) => {
      response.resume();
      response.on('end', () =>
        response.statusCode === 200 ? resolve() : reject(new Error(`status ${response.statusCode}`)),
      );
    }).on('error', reject);
  });
}

async function statuses(exporter: ExporterProcess): Promise<SourceStatus[]> {
  return (JSON.parse(await exporter.get(API_PATHS.sources)) as Page<SourceStatus>).items;
}

/** The highest lag of all sources, once a second. */
async function watchLag(
  exporter: ExporterProcess,
  signal: AbortSignal,
  found: (seconds: number) => void,
): Promise<void> {
  while (!signal.aborted) {
    // A failed scrape counts as one of the failures that people see.
    const text = await exporter.get('/metrics').catch(() => '');
    for (const line of text.split('\n')) {
      if (line.startsWith(`${METRICS.sourceLag.name}{`)) found(Number(line.slice(line.lastIndexOf(' ') + 1)));
    }
    await sleep(1_000, undefined, { signal }).catch(() => undefined);
  }
}
