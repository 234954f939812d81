import { UserError } from '../platform/errors.ts';
import { METRICS, type MetricDefinition } from '../shared/metrics.ts';
import { inspect } from './promql/inspect.ts';
import type { Thresholds } from './thresholds.ts';
import type { RuleFile } from './alerts/prometheus.ts';

/** The metrics that a running exporter serves. */
export interface ServedMetrics {
  /** Types by metric name. */
  types: ReadonlyMap<string, string>;
  version: string | null;
  /** Bucket bounds by histogram, for those that have observed something. */
  bounds: ReadonlyMap<string, ReadonlySet<number>>;
}

/** Reads the metrics of an exporter from its `/metrics`. Throws a UserError if no exporter answers. */
export async function readServedMetrics(exporterUrl: string): Promise<ServedMetrics> {
  const response = await fetch(new URL('/metrics', exporterUrl)).catch((error: Error) => {
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    throw new UserError(`no exporter answers at ${exporterUrl}: ${reason}`, 'Start it, or omit --exporter.');
  });
  if (!response.ok) throw new UserError(`${exporterUrl}/metrics answered ${response.status}`, 'Is it the exporter?');
  return parseServedMetrics(await response.text());
}

/** Parses the TYPE lines, the buckets and the version in Prometheus's text format. */
export function parseServedMetrics(exposition: string): ServedMetrics {
  const types = new Map([...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!]));
  const version = new RegExp(`^${METRICS.buildInfo.name}\\{[^}]*version="([^"]*)"`, 'm').exec(exposition);
  const bounds = new Map<string, Set<number>>();
  for (const [, name, bound] of exposition.matchAll(/^(\w+)_bucket\{(?:[^}]*,)?le="([^"]+)"/gm)) {
    bounds.set(name!, (bounds.get(name!) ?? new Set()).add(Number(bound)));
  }
  return { types, version: version?.[1] ?? null, bounds };
}

/** Thresholds without a bucket in the exporter's histograms, whose bounds are settings, so that nothing would count them. */
export function unservedPromises({ transition_p95 }: Thresholds, { bounds }: ServedMetrics): string[] {
  const promises = [
    { name: METRICS.taskTransition.name, setting: 'RUNBEAT_TRANSITION_BUCKETS', bound: transition_p95 },
  ];
  return promises
    .filter(({ name, bound }) => bounds.get(name)?.has(bound) === false)
    .map(({ name, setting, bound }) => `the exporter's ${name} has no bucket of ${bound} s; add it to ${setting}`);
}

/** Metrics that the rules read but this exporter does not serve, e.g. because it is older than the rules. */
export function unservedMetrics(files: readonly RuleFile[], { types, version }: ServedMetrics): string[] {
  const expressions = files.flatMap(({ groups }) => groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)));
  const asked = new Set(expressions.flatMap((expr) => inspect(expr).selectors.map(({ metric }) => metric)));
  const from = `the exporter${version ? ` (version ${version})` : ''}`;
  return Object.values<MetricDefinition>(METRICS)
    .filter(({ name }) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`].some((series) => asked.has(series)))
    .flatMap(({ name, type }) => {
      const served = types.get(name);
      if (served === type) return [];
      return [served ? `${from} serves ${name} as ${served}, not as ${type}` : `${from} does not serve ${name}`];
    });
}
