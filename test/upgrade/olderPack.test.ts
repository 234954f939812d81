import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inspect } from '../../observability/promql/inspect.ts';
import { withoutVariables } from '../../observability/promql/variables.ts';
import { DATASOURCE_ID, GANTT_PANEL_ID, GRAPH_PANEL_ID, LOOKUP_PANEL_ID } from '../../shared/grafana.ts';
import { METRICS, type MetricDefinition } from '../../shared/metrics.ts';

const FOLDER = path.join(import.meta.dirname, 'rules-0.1.0');
const DASHBOARDS = path.join(import.meta.dirname, 'dashboards-0.1.0');
const OPERATIONS = readFileSync('docs/operations.md', 'utf8');
/** Labels that Prometheus adds, and those that the rules themselves set. */
const OTHER_LABELS = ['job', 'instance', 'le', 'severity', 'service', 'alertname'];

interface RuleFile {
  groups: { rules: { record?: string; alert?: string; expr: string }[] }[];
}

const rules = readdirSync(FOLDER).flatMap((file) =>
  (parse(readFileSync(path.join(FOLDER, file), 'utf8')) as RuleFile).groups.flatMap((group) => group.rules),
);
const recorded = new Set(rules.map(({ record }) => record));
const metrics = new Map<string, MetricDefinition>(
  Object.values<MetricDefinition>(METRICS).flatMap((metric) =>
    ['', '_bucket', '_sum', '_count'].map((suffix) => [metric.name + suffix, metric] as const),
  ),
);

interface Dashboard {
  uid: string;
  panels: {
    title?: string;
    targets?: { expr?: string; datasource?: { type: string } }[];
    panels?: Dashboard['panels'];
  }[];
}

const dashboards = readdirSync(DASHBOARDS).map(
  (file) => JSON.parse(readFileSync(path.join(DASHBOARDS, file), 'utf8')) as Dashboard,
);
const queries = dashboards.flatMap(({ uid, panels }) =>
  panels
    .flatMap((panel) => [panel, ...(panel.panels ?? [])])
    .flatMap(({ title, targets = [] }) =>
      targets.flatMap(({ expr }) =>
        expr ? [{ name: `${uid}: ${title}`, expr: withoutVariables(expr).expression }] : [],
      ),
    ),
);

/** Expects that every series and label of an expression exists today, or that docs/operations.md says that it was removed. */
function expectKnown(expr: string): void {
  for (const { metric, matchers } of inspect(expr).selectors) {
    if (recorded.has(metric) || metric === 'up' || metric === 'ALERTS') continue;
    const definition = metrics.get(metric);
    if (!definition) {
      expect(OPERATIONS, metric).toContain(`\`${metric}\``);
      continue;
    }
    const known: readonly string[] = [...definition.labels, ...OTHER_LABELS];
    expect(
      matchers.filter((label) => !known.includes(label)),
      metric,
    ).toEqual([]);
  }
}

describe('the rules of 0.1.0 with the present exporter', () => {
  it('are there', () => {
    expect(rules.length).toBeGreaterThan(10);
  });

  it.each(rules.map((rule) => ({ name: rule.record ?? rule.alert, ...rule })))(
    '$name reads metrics and labels that exist, or that docs/operations.md names',
    ({ expr }) => expectKnown(expr),
  );
});

describe('the dashboards of 0.1.0', () => {
  it('are there', () => {
    expect(dashboards.map(({ uid }) => uid).sort()).toEqual(['runbeat-flows', 'runbeat-lookup', 'runbeat-scheduler']);
    expect(queries.length).toBeGreaterThan(30);
  });

  it.each(queries)('$name reads metrics and labels that exist, or that docs/operations.md names', ({ expr }) =>
    expectKnown(expr),
  );

  it('use only records that the present rules create, or that docs/operations.md names', () => {
    const today = readdirSync('provisioning/prometheus/rules').flatMap((file) =>
      (parse(readFileSync(path.join('provisioning/prometheus/rules', file), 'utf8')) as RuleFile).groups.flatMap(
        (group) => group.rules.flatMap(({ record }) => record ?? []),
      ),
    );
    const asked = queries.flatMap(({ expr }) => inspect(expr).selectors.map(({ metric }) => metric));
    const gone = [...new Set(asked)].filter((metric) => recorded.has(metric) && !today.includes(metric));
    expect(gone.filter((record) => !OPERATIONS.includes(`\`${record}\``))).toEqual([]);
  });

  it('use data sources and panels that the app still has', () => {
    const text = JSON.stringify(dashboards);
    const used = new Set([...text.matchAll(/runbeat-[a-z]+-(?:panel|datasource)/g)].map(([id]) => id));
    expect(used.size).toBeGreaterThan(1);
    for (const id of used) expect([DATASOURCE_ID, GANTT_PANEL_ID, GRAPH_PANEL_ID, LOOKUP_PANEL_ID]).toContain(id);
  });
});
