import { catalogue } from '../../observability/promql/catalogue.ts';
import { inspect } from '../../observability/promql/inspect.ts';
import { RECORDS } from '../../shared/records.ts';
import { burnRules } from '../../observability/records/burn.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';
import { RUN_BUCKETS, TRANSITION_BUCKETS } from '../../shared/metrics.ts';

/** One series of the month: its text up to the value, the interval of its samples, and how to compute the next value. */
export interface Series {
  selector: string;
  stepSeconds: number;
  value: number;
  next: (value: number) => number;
}

const TASKS = 3;
const BURN_RECORDS = burnRules(DEFAULT_THRESHOLDS).map(({ record }) => record);

/** Every series that the given queries read, as an exporter with this many DAGs and the shipped rules would write them. */
export function seriesOf(queries: readonly string[], dags: number): Series[] {
  const records = [...Object.values(RECORDS), ...BURN_RECORDS];
  const known = catalogue(records);
  const asked = new Set(queries.flatMap((expr) => inspect(expr).selectors.map(({ metric }) => metric)));
  return [...asked].flatMap((metric) => {
    const labels = [...known.get(metric)!];
    const step = cadence(metric, records);
    return combinations(labels, metric, dags).map((pairs) => ({
      selector: `${metric}{${pairs.join(',')}} `,
      stepSeconds: step,
      value: 0,
      next: /:total$|_total$/.test(metric) ? counter : gauge,
    }));
  });
}

function cadence(metric: string, records: readonly string[]): number {
  const { flow_interval, promise_interval, scrape_interval } = DEFAULT_THRESHOLDS;
  if (BURN_RECORDS.includes(metric)) return promise_interval;
  if (metric === RECORDS.slowestTasks) return 3 * flow_interval;
  return records.includes(metric) ? flow_interval : scrape_interval;
}

function combinations(labels: readonly string[], metric: string, dags: number): string[][] {
  return labels.reduce<string[][]>(
    (found, label) =>
      found.flatMap((pairs) => values(label, metric, dags).map((value) => [...pairs, `${label}="${value}"`])),
    [[]],
  );
}

function values(label: string, metric: string, dags: number): string[] {
  const numbered = (name: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${name}_${at}`);
  switch (label) {
    case 'dag_id':
      return numbered('dag', dags);
    case 'task_id':
      return numbered('task', TASKS);
    case 'state':
      return metric.includes('tasks')
        ? ['none', 'scheduled', 'queued', 'running', 'up_for_retry']
        : ['queued', 'running'];
    case 'stage':
      return ['noticed', 'queued', 'started'];
    case 'le':
      return [...(metric.includes('transition') ? TRANSITION_BUCKETS : RUN_BUCKETS).map(String), '+Inf'];
    case 'collector':
      return numbered('collector', 8);
    case 'scheduler':
    case 'queue':
      return numbered(label, 2);
    case 'job':
      return [DEFAULT_THRESHOLDS.exporter_job];
    default:
      return ['main'];
  }
}

function counter(value: number): number {
  return value + Math.floor(4 * Math.random());
}

function gauge(): number {
  return Math.round(60_000 * Math.random()) / 1_000;
}
