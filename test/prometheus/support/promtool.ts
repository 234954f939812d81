import { execFile } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { prometheusRules, type AlertingRule } from '../../../observability/alerts/prometheus.ts';
import { prometheusPack } from '../../../observability/pack.ts';
import { duration } from '../../../observability/promql/duration.ts';
import type { RecordingRule } from '../../../observability/records/burn.ts';
import { DEFAULT_THRESHOLDS } from '../../../observability/thresholds.ts';

const run = promisify(execFile);

/** Value of a series at a second of the scenario; null = not scraped, 'stale' = gone with Prometheus's knowledge. */
export type Sample = number | null | 'stale';
export type Series = Record<string, (second: number) => Sample>;
export type Labels = Record<string, string>;

export interface Scenario {
  name: string;
  /** Which of the shipped rule files. */
  rules: 'liveness' | 'flows';
  seconds: number;
  series: Series;
  /** Alerts that are firing at each moment; a name with an empty list must be silent. */
  firing: { at: number; alert: string; labels: Labels[] }[];
  /** Rules of the scenario's own, evaluated after the shipped ones. */
  records?: RecordingRule[];
  /** Expressions that must answer nothing at the end. */
  nothing?: string[];
  /** Alerts in full, with the summary that a person reads. */
  told?: { at: number; alert: string; labels: Labels; summary: string }[];
}

/** How often Prometheus scrapes and evaluates in production, by rule file. */
const STEP = { liveness: DEFAULT_THRESHOLDS.scrape_interval, flows: DEFAULT_THRESHOLDS.flow_interval };

/** Plays scenarios through the shipped rules with `promtool test rules`; rejects with promtool's own words. */
export async function playScenarios(scenarios: readonly Scenario[]): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'runbeat-promtool-'));
  try {
    for (const [name, text] of prometheusPack(DEFAULT_THRESHOLDS)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
    const own = scenarios.flatMap(({ records }) => records ?? []);
    await writeFile(path.join(folder, 'own.yml'), stringify({ groups: [{ name: 'own', rules: own }] }));
    const file = path.join(folder, 'scenarios.yml');
    await writeFile(file, stringify(testFile(scenarios), { lineWidth: 0 }));
    await run('promtool', ['test', 'rules', file], { maxBuffer: 64 * 1024 * 1024 }).catch(
      (error: { stderr: string; stdout: string }) => {
        throw new Error(`promtool: ${error.stderr}${error.stdout}`);
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function testFile(scenarios: readonly Scenario[]): object {
  const [first] = scenarios;
  const step = STEP[first!.rules];
  return {
    rule_files: [`prometheus/rules/${first!.rules}.yml`, 'own.yml'],
    group_eval_order: [...prometheusRules(DEFAULT_THRESHOLDS)[first!.rules]!.groups.map(({ name }) => name), 'own'],
    evaluation_interval: duration(step),
    tests: scenarios.map(({ name, seconds, series, firing, nothing, told }) => ({
      name,
      interval: duration(step),
      input_series: Object.entries(series).map(([selector, at]) => ({
        series: selector,
        values: sampled(at, seconds, step),
      })),
      promql_expr_test: [
        ...firing.map(({ at, alert, labels }) => firingTest(at, alert, labels)),
        ...(nothing ?? []).map((expr) => ({ expr, eval_time: duration(seconds), exp_samples: [] })),
      ],
      alert_rule_test: (told ?? []).map(({ at, alert, labels, summary }) => ({
        eval_time: duration(at),
        alertname: alert,
        exp_alerts: [expectedAlert(alert, labels, summary)],
      })),
    })),
  };
}

function firingTest(at: number, alert: string, labels: Labels[]): object {
  const names = [...new Set(labels.flatMap((set) => Object.keys(set)))];
  // Without labels expected, all are shown, so that a failure says which alert it was.
  const by = labels.length > 0 ? `by (${names.join(', ')})` : 'without (none)';
  return {
    expr: `group ${by} (ALERTS{alertname="${alert}", alertstate="firing"})`,
    eval_time: duration(at),
    exp_samples: labels.map((set) => ({ labels: selector(set), value: 1 })),
  };
}

/** Everything but the summary is the rule's own text with the labels filled in. */
function expectedAlert(alert: string, labels: Labels, summary: string): object {
  const rule = Object.values(prometheusRules(DEFAULT_THRESHOLDS))
    .flatMap(({ groups }) => groups.flatMap(({ rules }) => rules))
    .find((candidate) => 'alert' in candidate && candidate.alert === alert) as AlertingRule;
  const filled = Object.entries(rule.annotations).map(([name, text]) => [
    name,
    text
      .replace(/\{\{ \$labels\.(\w+) \| urlquery \}\}/g, (_, label: string) =>
        encodeURIComponent(labels[label] ?? '').replaceAll('%20', '+'),
      )
      .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? ''),
  ]);
  return {
    exp_labels: { ...rule.labels, ...labels },
    exp_annotations: { ...(Object.fromEntries(filled) as Labels), summary },
  };
}

function selector(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}}`;
}

function sampled(at: (second: number) => Sample, seconds: number, step: number): string {
  const samples: string[] = [];
  for (let second = 0; second <= seconds; second += step) samples.push(String(at(second) ?? '_'));
  return samples.join(' ');
}

/** 0 before each of the given seconds, then the value that follows it: `steps(1, [300, 0], [600, 1])`. */
export function steps(first: Sample, ...changes: [second: number, value: Sample][]): (second: number) => Sample {
  return (second) => changes.reduce<Sample>((value, [from, next]) => (second >= from ? next : value), first);
}
