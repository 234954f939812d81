import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { allAlerts } from '../../../observability/alerts/all.ts';
import { descriptionOf } from '../../../observability/alerts/definition.ts';
import { prometheusRules, type AlertingRule, type RuleFile } from '../../../observability/alerts/prometheus.ts';
import { duration } from '../../../observability/promql/duration.ts';
import type { RecordingRule } from '../../../observability/records/burn.ts';
import {
  DEFAULT_THRESHOLDS,
  parseThresholds,
  type ThresholdInput,
  type Thresholds,
} from '../../../observability/thresholds.ts';

const run = promisify(execFile);

/** Value of a series at a second of the scenario; null = not scraped, 'stale' = marked as stale. */
export type Sample = number | null | 'stale';
export type Series = Record<string, (second: number) => Sample>;
export type Labels = Record<string, string>;

export interface Scenario {
  name: string;
  /** Which of the shipped rule files; `promises` selects only the rules about promises, from both files. */
  rules: 'liveness' | 'flows' | 'promises';
  /** Thresholds with which its rules are generated; by default the shipped ones. Scenarios that run together share them. */
  thresholds?: ThresholdInput;
  seconds: number;
  series: Series;
  /** Alerts that fire at each time. An alert with an empty list must be silent. */
  firing: { at: number; alert: string; labels: Labels[] }[];
  /** Rules of the scenario's own, evaluated after the shipped ones. */
  records?: RecordingRule[];
  /** Expressions that must return nothing at the end. */
  nothing?: string[];
  /** Complete alerts, with the detail that people read. */
  told?: { at: number; alert: string; labels: Labels; detail: string }[];
}

/** How often Prometheus scrapes and evaluates in production, by rule file. */
const STEP = {
  liveness: DEFAULT_THRESHOLDS.scrape_interval,
  flows: DEFAULT_THRESHOLDS.flow_interval,
  promises: DEFAULT_THRESHOLDS.promise_interval,
};

/** The groups of each file that scenarios run through. */
function ruleFiles(thresholds: Thresholds): Record<Scenario['rules'], RuleFile> {
  const { liveness, flows } = prometheusRules(thresholds) as Record<'liveness' | 'flows', RuleFile>;
  const missed = liveness.groups[0]!.rules.filter((rule) => 'alert' in rule && rule.alert === 'RunbeatPromiseMissed');
  const burn = flows.groups.filter(({ name }) => name === 'runbeat-promises');
  return { liveness, flows, promises: { groups: [...burn, { ...liveness.groups[0]!, rules: missed }] } };
}

/** Runs scenarios through the shipped rules with `promtool test rules`; rejects with promtool's output. */
export async function playScenarios(scenarios: readonly Scenario[]): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'runbeat-promtool-'));
  const thresholds = parseThresholds(scenarios[0]!.thresholds);
  try {
    for (const [name, rules] of Object.entries(ruleFiles(thresholds))) {
      await writeFile(path.join(folder, `${name}.yml`), stringify(rules, { lineWidth: 0 }));
    }
    const own = scenarios.flatMap(({ records }) => records ?? []);
    await writeFile(path.join(folder, 'own.yml'), stringify({ groups: [{ name: 'own', rules: own }] }));
    const file = path.join(folder, 'scenarios.yml');
    await writeFile(file, stringify(testFile(scenarios, thresholds), { lineWidth: 0 }));
    await run('promtool', ['test', 'rules', file], { maxBuffer: 64 * 1024 * 1024 }).catch(
      (error: { stderr: string; stdout: string }) => {
        throw new Error(`promtool: ${error.stderr}${error.stdout}`);
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function testFile(scenarios: readonly Scenario[], thresholds: Thresholds): object {
  const [first] = scenarios;
  const step = STEP[first!.rules];
  return {
    rule_files: [`${first!.rules}.yml`, 'own.yml'],
    group_eval_order: [...ruleFiles(thresholds)[first!.rules].groups.map(({ name }) => name), 'own'],
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
      alert_rule_test: (told ?? []).map(({ at, alert, labels, detail }) => ({
        eval_time: duration(at),
        alertname: alert,
        exp_alerts: [expectedAlert(thresholds, alert, labels, detail)],
      })),
    })),
  };
}

function firingTest(at: number, alert: string, labels: Labels[]): object {
  const names = [...new Set(labels.flatMap((set) => Object.keys(set)))];
  // If no labels are expected, all are shown, so that a failure names the alert.
  const by = labels.length > 0 ? `by (${names.join(', ')})` : 'without (none)';
  return {
    expr: `group ${by} (ALERTS{alertname="${alert}", alertstate="firing"})`,
    eval_time: duration(at),
    exp_samples: labels.map((set) => ({ labels: selector(set), value: 1 })),
  };
}

/** All annotations but the detail are the rule's own text with the labels inserted. */
function expectedAlert(thresholds: Thresholds, alert: string, labels: Labels, detail: string): object {
  const rule = Object.values(prometheusRules(thresholds))
    .flatMap(({ groups }) => groups.flatMap(({ rules }) => rules))
    .find((candidate) => 'alert' in candidate && candidate.alert === alert) as AlertingRule;
  const { consequence } = allAlerts(thresholds).find(({ name }) => name === alert)!;
  const annotations = { ...rule.annotations, description: descriptionOf({ detail, consequence }) };
  const filled = Object.entries(annotations).map(([name, text]) => [name, fillIn(text, labels)]);
  return { exp_labels: { ...rule.labels, ...labels }, exp_annotations: Object.fromEntries(filled) as Labels };
}

/** The subset of Go's templates that links and consequences use. */
function fillIn(text: string, labels: Labels): string {
  return text
    .replace(/\{\{ with \$labels\.(\w+) \}\}(.*?)\{\{ end \}\}/g, (_, label: string, inner: string) => {
      const value = labels[label];
      return value ? inner.replace('{{ . | urlquery }}', encodeURIComponent(value).replaceAll('%20', '+')) : '';
    })
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '');
}

function selector(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}}`;
}

function sampled(at: (second: number) => Sample, seconds: number, step: number): string {
  const samples: { text: string; more: number }[] = [];
  for (let second = 0; second <= seconds; second += step) {
    const text = String(at(second) ?? '_');
    const last = samples.at(-1);
    if (last?.text === text && text !== 'stale') last.more += 1;
    else samples.push({ text, more: 0 });
  }
  // promtool's notation: `1x3` is 1 1 1 1, and `_x3` means three missing samples.
  return samples.map(({ text, more }) => (more === 0 ? text : `${text}x${text === '_' ? more + 1 : more}`)).join(' ');
}

/** 0 before each of the given seconds, then the value that follows it: `steps(1, [300, 0], [600, 1])`. */
export function steps(first: Sample, ...changes: [second: number, value: Sample][]): (second: number) => Sample {
  return (second) => changes.reduce<Sample>((value, [from, next]) => (second >= from ? next : value), first);
}

/** A series whose exporter is away in an interval of seconds. */
export function away(at: (second: number) => Sample, from: number, to: number): (second: number) => Sample {
  return (second) => (second >= from && second < to ? 'stale' : at(second));
}

/** `away` for each of several series. */
export function allAway(series: Series, from: number, to: number): Series {
  return Object.fromEntries(Object.entries(series).map(([name, at]) => [name, away(at, from, to)]));
}
