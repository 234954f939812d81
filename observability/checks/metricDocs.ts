import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { METRICS, type MetricDefinition } from '../../shared/metrics.ts';
import type { Check } from './check.ts';

const FILE = 'docs/metrics.md';

/** Checks that docs/metrics.md lists every metric with its type and labels, and no others. */
export const metricDocs: Check = {
  name: 'docs/metrics.md lists the metrics that are served',
  async run(root) {
    const text = await readFile(path.join(root, FILE), 'utf8').catch(() => undefined);
    if (text === undefined) return [`${FILE} is missing`];
    const definitions = Object.values<MetricDefinition>(METRICS);
    const names = new Set(definitions.map(({ name }) => name));
    const rows = text.split('\n');
    const missing = definitions.flatMap(({ name, type, labels }) => {
      const row = rows.find((line) => line.includes(`\`${name}\``) && line.includes(type));
      if (!row) return [`${FILE} does not list ${name} (${type})`];
      return labels
        .filter((label) => !row.includes(label))
        .map((label) => `${FILE} lists ${name} without its label ${label}`);
    });
    const mentioned = [...text.matchAll(/\brunbeat_[a-z_]+[a-z]/g)].map(([name]) =>
      name.replace(/_(bucket|sum|count)$/, ''),
    );
    const strays = [...new Set(mentioned)].filter((name) => !names.has(name) && name !== 'runbeat_index');
    return [...missing, ...strays.map((name) => `${FILE} names ${name}, which the exporter does not serve`)];
  },
};
