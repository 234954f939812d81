import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LookupItem, Page, SourceStatus } from '../../shared/api.ts';
import { API_PATHS } from '../../shared/api.ts';
import { bigRun } from './bigRun.ts';

export interface Answers {
  url: string;
  stop(): Promise<void>;
}

/**
 * Replaces the exporter. The benchmark measures the browser from the last byte of a response on, so it does not matter how the response is
 * created, and no run of 5,000 tasks is needed. `run_id` selects the run: `big-COUNT-PER_LAYER`.
 */
export async function serveAnswers(): Promise<Answers> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answerTo(request.url ?? '')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
  };
}

function answerTo(url: string): unknown {
  const run = /big-(\d+)-(\d+)/.exec(url);
  if (run) return bigRun(Number(run[1]), Number(run[2]));
  if (url.startsWith(API_PATHS.sources)) return { items: [SOURCE], next_cursor: null };
  return url.startsWith(API_PATHS.lookup) ? lookupPage() : { items: [], next_cursor: null };
}

const SOURCE: SourceStatus = {
  source: 'bench',
  kind: 'runbeat',
  version: '1',
  up: true,
  problem: null,
  lag_seconds: 0,
  catchup_progress: null,
  oldest_ready_task_age_seconds: 0,
  oldest_ready: null,
};

function lookupPage(): Page<LookupItem> {
  const { run } = bigRun(10, 10);
  const { source, dag_id, logical_date, state, start_date, end_date, duration_seconds, links } = run;
  const items = Array.from({ length: 50 }, (_, at) => ({
    ...{ source, dag_id, logical_date, state, start_date, end_date, duration_seconds, links },
    waiting: null,
    gone: false,
    key: 'user_id',
    now: run.now,
    value: '42',
    expected_end: null,
    run_id: `run ${at}`,
    progress: { tasks_done: 40, tasks_total: 40, current: [] },
  }));
  return { items, next_cursor: null };
}
