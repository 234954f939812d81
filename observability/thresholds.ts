import { z } from 'zod';
import { TRANSITION_BUCKETS } from '../shared/metrics.ts';
import { runbookPath } from '../shared/grafana.ts';
import { UserError } from '../platform/errors.ts';

const seconds = z.number().positive();
const count = z.number().int().positive();
const share = z.number().gt(0).lt(1);
const baseUrl = z
  .url({ protocol: /^https?$/, message: 'must be an http(s) URL' })
  .transform((url) => url.replace(/\/+$/, ''));

const burnWindow = z.strictObject({
  /** Over this window, the burn rate must be at least `factor`. */
  long_seconds: seconds,
  /** Over this recent window, too, so that the alert ends soon after the problem does. */
  short_seconds: seconds,
  factor: z.number().min(1),
  /** Minimum number of broken runs in the long window. */
  min_broken: count,
  /** Applies only to DAGs whose usual period is at most this long. */
  longest_period: seconds.optional(),
  /** Applies only to DAGs whose usual period is at least this long. */
  shortest_period: seconds.optional(),
});

/**
 * Every number that alerts, dashboards and Prometheus's configuration depend on. Durations in seconds, shares from 0 to 1.
 * The burn-rate factors are those of the SRE workbook, chapter 5 (multiwindow, multi-burn-rate alerts).
 */
const schema = z
  .strictObject({
    /** How often Prometheus reads the exporter and evaluates the liveness rules. */
    scrape_interval: seconds.default(5),
    /** How often flow rules are evaluated and recorded. */
    flow_interval: seconds.default(60),
    /** How often the burn of promises is evaluated, so that a poll, a scrape and two evaluations take less than a minute. */
    promise_interval: seconds.default(20),
    /** The exporter's RUNBEAT_HEARTBEAT_THRESHOLD, drawn as a line. The exporter uses its own setting. */
    heartbeat_threshold: seconds.default(30),
    /** How long Alertmanager waits for alerts of the same incident. */
    group_wait: seconds.default(10),
    group_interval: seconds.default(60),
    repeat_interval: seconds.default(14_400),
    /** No sample for this long means that it is unknown whether a scheduler is alive. Longer than a restart of the exporter. */
    no_data_after: seconds.default(60),
    /** How much longer than its cause RunbeatSchedulerDown fires, so that alerts of exporters that recover one by one resolve first. */
    scheduler_down_keep: seconds.default(30),
    /** How long a source that has disappeared is remembered, and so how long its absence causes an alert. */
    source_memory: seconds.default(86_400),
    /** A dead scheduler of several may be replaced within this time before the alert fires. */
    instance_down_for: seconds.default(120),
    /** The normal number of schedulers is the number that was alive for this long. The overlap of a deployment is shorter. */
    instance_normal_after: seconds.default(360),
    /** The normal number is remembered for this long, which is longer than the exporter shows a dead scheduler. */
    instance_memory: seconds.default(840),
    /** The last triggerer or DAG processor may be restarted within this time before the alert fires. */
    component_down_for: seconds.default(120),
    /** Time before import errors cause an alert. A file that was read while it was being copied is read again sooner. */
    import_errors_for: seconds.default(60),
    ready_task_age: seconds.default(60),
    ready_task_for: seconds.default(30),
    transition_p95: z.number().default(3),
    transition_window: seconds.default(900),
    /** Minimum number of transitions in the window: one slow run of 40 tasks is not an incident. */
    transition_min_count: count.default(50),
    transition_for: seconds.default(300),
    /** Windows for the burn rate of promises. A short window should contain at least two runs of a DAG. */
    flow_burn: z
      .array(burnWindow)
      .min(1)
      .default([
        { long_seconds: 3_600, short_seconds: 300, factor: 14.4, min_broken: 3, longest_period: 150 },
        { long_seconds: 21_600, short_seconds: 1_800, factor: 6, min_broken: 3, longest_period: 900 },
        { long_seconds: 259_200, short_seconds: 21_600, factor: 1, min_broken: 3, longest_period: 10_800 },
        { long_seconds: 2_592_000, short_seconds: 172_800, factor: 1, min_broken: 1, shortest_period: 10_800 },
      ]),
    /** RunbeatRunSlow fires if a run takes this many times the usual p95 of its DAG; off unless it is set. */
    run_slow_factor: z.number().gt(1).nullable().default(null),
    failure_window: seconds.default(3_600),
    failure_share: share.default(0.05),
    failure_min_runs: count.default(3),
    /** A task may wait this long for a worker after the scheduler has handed it over. */
    queue_age: seconds.default(120),
    queue_age_for: seconds.default(60),
    exporter_down_for: seconds.default(90),
    source_lag: seconds.default(60),
    source_lag_for: seconds.default(120),
    /** Prometheus's job label of the exporter. */
    exporter_job: z
      .string()
      .regex(/^[\w.-]+$/, 'must be a plain job name such as runbeat')
      .default('runbeat'),
    grafana_url: baseUrl.default('http://localhost:3000'),
    /** `{grafana_url}` and `{alert}` are filled in. By default, the app plugin serves the runbooks. */
    runbook_url: z
      .string()
      .regex(/^(https?:\/\/|\{grafana_url\}\/).*\{alert\}/, 'must be an http(s) URL with {alert} in it')
      .default(`{grafana_url}${runbookPath('{alert}')}`),
  })
  .superRefine((value, context) => {
    for (const { path, message } of contradictions(value)) context.addIssue({ code: 'custom', path: [path], message });
  });

export type ThresholdInput = z.input<typeof schema>;
export type Thresholds = Readonly<z.output<typeof schema>>;

/** Validates thresholds and fills in defaults. Throws a UserError with all problems at once. */
export function parseThresholds(input: unknown): Thresholds {
  const result = schema.safeParse(input ?? {});
  if (result.success) return Object.freeze(result.data);
  const lines = result.error.issues.map(({ path, message }) => `  ${path.join('.') || '(top level)'}: ${message}`);
  throw new UserError(`these thresholds are invalid:\n${lines.join('\n')}`, 'Correct them and generate again.');
}

export const DEFAULT_THRESHOLDS = parseThresholds({});

interface Contradiction {
  path: string;
  message: string;
}

/** Problems in combinations of values: alerts that could never fire, or would fire without cause. */
function contradictions(value: z.output<typeof schema>): Contradiction[] {
  return [...livenessContradictions(value), ...flowContradictions(value)];
}

function livenessContradictions(value: z.output<typeof schema>): Contradiction[] {
  const found: Contradiction[] = [];
  const scrapes = (path: 'no_data_after' | 'heartbeat_threshold' | 'instance_normal_after', least: number): void => {
    if (value[path] < least * value.scrape_interval) {
      const message = `must span at least ${least} scrapes (${least * value.scrape_interval} s), or one late scrape is an alarm`;
      found.push({ path, message });
    }
  };
  scrapes('heartbeat_threshold', 3);
  scrapes('no_data_after', 6);
  scrapes('instance_normal_after', 12);
  if (value.scheduler_down_keep < 3 * value.scrape_interval) {
    const message = `must span at least 3 scrapes (${3 * value.scrape_interval} s), or one incident rings twice`;
    found.push({ path: 'scheduler_down_keep', message });
  }
  if (value.source_memory < 10 * value.no_data_after) {
    found.push({ path: 'source_memory', message: 'must be at least 10 × no_data_after, or the alarm ends by itself' });
  }
  if (value.exporter_down_for <= value.no_data_after) {
    found.push({ path: 'exporter_down_for', message: 'must exceed no_data_after, or one incident rings twice' });
  }
  if (value.group_wait < value.scrape_interval) {
    found.push({ path: 'group_wait', message: 'must span a scrape_interval, or one incident rings twice' });
  }
  if (value.instance_memory < 3 * value.instance_down_for) {
    const message = 'must be at least 3 × instance_down_for, or a dead scheduler is forgotten before the alert fires';
    found.push({ path: 'instance_memory', message });
  }
  return found;
}

function flowContradictions(value: z.output<typeof schema>): Contradiction[] {
  const found: Contradiction[] = [];
  if (value.flow_interval > 90) {
    const message =
      'must be at most 90: tasks are recorded at every third, and Prometheus forgets a sample after 5 minutes';
    found.push({ path: 'flow_interval', message });
  }
  if (!TRANSITION_BUCKETS.some((bound) => bound === value.transition_p95)) {
    const message = `must be a bucket bound of its histogram (${TRANSITION_BUCKETS.join(', ')}), or it is a guess`;
    found.push({ path: 'transition_p95', message });
  }
  if (value.promise_interval > 90) {
    found.push({
      path: 'promise_interval',
      message: 'must be at most 90, or a broken promise is reported minutes late',
    });
  }
  value.flow_burn.forEach(({ long_seconds, short_seconds }, index) => {
    const path = `flow_burn.${index}`;
    if (short_seconds >= long_seconds) found.push({ path, message: 'short_seconds must be less than long_seconds' });
    if (short_seconds < 3 * value.promise_interval) {
      const message = `short_seconds must span at least 3 promise_intervals (${3 * value.promise_interval} s)`;
      found.push({ path, message });
    }
  });
  return found;
}

/** Settings that are times for Prometheus; the others are counts, shares, limits or names. */
const TIMES = [
  'scrape_interval',
  'flow_interval',
  'promise_interval',
  'group_wait',
  'group_interval',
  'repeat_interval',
  'heartbeat_threshold',
  'no_data_after',
  'scheduler_down_keep',
  'source_memory',
  'instance_down_for',
  'instance_normal_after',
  'instance_memory',
  'component_down_for',
  'import_errors_for',
  'ready_task_age',
  'ready_task_for',
  'transition_window',
  'transition_for',
  'failure_window',
  'queue_age',
  'queue_age_for',
  'exporter_down_for',
  'source_lag',
  'source_lag_for',
] as const satisfies readonly (keyof Thresholds)[];

/** Thresholds for a faster clock: every time is divided by `factor`, except for limits that must be bucket bounds. */
export function sped(thresholds: Thresholds, factor: number): Thresholds {
  const times = Object.fromEntries(TIMES.map((name) => [name, thresholds[name] / factor]));
  const flow_burn = thresholds.flow_burn.map((window) => ({
    ...window,
    long_seconds: window.long_seconds / factor,
    short_seconds: window.short_seconds / factor,
    longest_period: window.longest_period && window.longest_period / factor,
    shortest_period: window.shortest_period && window.shortest_period / factor,
  }));
  return parseThresholds({ ...thresholds, ...times, flow_burn });
}
