import { parsePromises } from '../exporter/promises/parse.ts';
import type { PollFacts, SettledRun } from '../exporter/promises/pollFacts.ts';
import { SourcePromises } from '../exporter/promises/sourcePromises.ts';
import type { DagRow, RunRow, TaskRow } from '../exporter/sources/rows.ts';
import { percentile, judged, spread, type Bench } from './figure.ts';

const DAGS = 2_000;
const ACTIVE = 500;
const TASKS = 40;
const POLLS = 200;
const SECOND = 1e6;
const LIMIT_MS = 5;
/** DAGs are read again at every fifth poll. */
const REREAD_POLLS = 5;

/** Number of arrivals of journeys: undecided ones, and ones that arrive and are decided between two polls. */
const ARRIVALS = 20_000;
const ARRIVING = 10;

/**
 * What judging costs a poll: 2,000 promises of all kinds to 2,000 DAGs that are read again now and then, 500 active runs of
 * 40 tasks, and a promise on a journey with 20,000 open arrivals.
 */
export const run: Bench = async (_options, print) => {
  const names = Array.from({ length: DAGS }, (_, at) => `dag_${at}`);
  const given = [...names.map(promiseTo), JOURNEY];
  const { rules } = parsePromises(given, { sources: ['bench'], keys: ['user'], pollUs: 2 * SECOND });
  const promises = new SourcePromises('bench', () => rules);
  const rows = new Map(
    names.map((dag_id) => [dag_id, { dag_id, owner: 'o', tags: [], is_paused: false } as unknown as DagRow]),
  );
  const start = Date.now() * 1000;
  const active = Array.from({ length: ACTIVE }, (_, at) => activeRun(at, start));
  const took: number[] = [];
  const first = { stampedUs: start, readUntilUs: start, settled: [], deleted: [], active, historyFromUs: -Infinity };
  promises.judge(rows, { ...first, nowUs: start, created: arrivals(0, ARRIVALS, start) }).accept();
  for (let poll = 0; poll < POLLS; poll++) {
    const nowUs = start + poll * 2 * SECOND;
    const created = arrivals(ARRIVALS + poll * ARRIVING, ARRIVING, nowUs);
    const settled = decisions(poll * ARRIVING, nowUs);
    const before = performance.now();
    const facts = {
      nowUs,
      stampedUs: nowUs,
      readUntilUs: nowUs,
      settled,
      created,
      deleted: [],
      active,
      historyFromUs: -Infinity,
    };
    promises.judge(poll % REREAD_POLLS === 0 ? new Map(rows) : rows, facts).accept();
    took.push(performance.now() - before);
  }
  const warm = took.slice(POLLS / 2).sort((a, b) => a - b);
  const figure = {
    bench: 'promises',
    unit: 'ms a poll',
    vs: `limit of ${LIMIT_MS}`,
    better: 'lower' as const,
    limit: LIMIT_MS,
  };
  print(
    judged(
      { ...figure, metric: 'judging_p50_ms', value: milliseconds(warm, 0.5) },
      { noise: spread(warm.slice(10, -10)) },
    ),
  );
  print(
    judged(
      { ...figure, metric: 'judging_p99_ms', value: milliseconds(warm, 0.99) },
      { noise: spread(warm.slice(10, -10)) },
    ),
  );
};

function promiseTo(dag_id: string, at: number): object {
  const kind = [
    { ends_within: '1h', share: '95%' },
    { starts_within: '1h', share: '95%' },
    { succeeded_within: '1d' },
    { done_by: '07:00', timezone: 'Europe/Berlin', days: 'mon-fri' },
  ][at % 4]!;
  return { name: `promise ${at}`, dags: { dag_id }, ...kind };
}

const JOURNEY = {
  name: 'journey',
  journey: { key: 'user', from: 'dag_0', to: 'dag_1' },
  ends_within: '1d',
  share: '95%',
};

function arrivals(from: number, count: number, us: number): PollFacts['created'] {
  return Array.from({ length: count }, (_, at) => {
    const run = { id: from + at, dag_id: 'dag_0', run_type: 'manual', clear_number: 0, queued_us: us };
    return { run: run as unknown as RunRow, keys: { user: [String(from + at)] } };
  });
}

/** Successes for the values that arrived first, and for a promise of each kind that is judged by time. */
function decisions(from: number, us: number): SettledRun[] {
  const decided = Array.from({ length: ARRIVING }, (_, at) =>
    success('dag_1', 1e9 + from + at, us, { user: [String(from + at)] }),
  );
  return [...decided, success('dag_2', 2e9 + from, us, {}), success('dag_3', 3e9 + from, us, {})];
}

function success(dag_id: string, id: number, us: number, keys: SettledRun['keys']): SettledRun {
  const run = { id, dag_id, run_type: 'manual', clear_number: 0, state: 'success' };
  const stamps = { queued_us: us, start_us: us, end_us: us, due_us: null, logical_us: null };
  return { run: { ...run, ...stamps } as unknown as RunRow, keys, tasks: [], isFirstEnd: true };
}

function activeRun(at: number, start: number): { run: RunRow; tasks: Map<string, TaskRow> } {
  const stamps = { logical_us: start, due_us: start, queued_us: start, start_us: start, end_us: null };
  const run = {
    id: at,
    dag_id: `dag_${at * 4 + (at % 4)}`,
    run_id: `r${at}`,
    run_type: 'scheduled',
    state: 'running',
    clear_number: 0,
    ...stamps,
  };
  const tasks = Array.from(
    { length: TASKS },
    (_, task) => [`t${task}`, { task_id: `t${task}`, start_us: null, state: 'queued' }] as const,
  );
  return { run: run as unknown as RunRow, tasks: new Map(tasks) as unknown as Map<string, TaskRow> };
}

function milliseconds(took: readonly number[], share: number): number {
  return Number(percentile(took, share).toFixed(3));
}
