import { openApi } from '../../exporter/api/openapi.ts';
import { PROBLEMS } from '../../exporter/api/problems.ts';
import { METRICS, type MetricDefinition } from '../../shared/metrics.ts';

/** Texts of docs/metrics.md and docs/api.md, made from what the exporter registers and answers. */

const UPDATE = '`npx vitest run test/exporter/documents -u`';

export function metricsDocument(): string {
  const metrics = Object.values<MetricDefinition>(METRICS);
  const rows = metrics.map(
    ({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.join(', ')} | ${help} |`,
  );
  const buckets = metrics.flatMap(({ name, buckets: bounds }) =>
    bounds ? [`| \`${name}\` | ${bounds.join(', ')} |`] : [],
  );
  return `# Metrics

What the exporter serves at \`/metrics\`, made from \`shared/metrics.ts\`, from which they are registered too (${UPDATE}). Beside
these are the usual \`process_*\` and \`nodejs_*\` of the exporter itself.

| metric | type | labels | meaning |
|---|---|---|---|
${rows.join('\n')}

## Buckets, in seconds

| histogram | bounds |
|---|---|
${buckets.join('\n')}

${COUNTING}`;
}

const COUNTING = `## How they are counted

- **Counters and histograms are exact.** Their state is written in the transaction that moves the watermark, so a restart, a
  crash or an outage of either database neither repeats nor loses an observation. Sums are added up in whole microseconds.
- **What had ended before the exporter first saw a source is history**: found by the lookup, in no counter.
- **A transition is counted when the task that it leads to has ended**, since only then its stamps are final. Work that is
  stuck shows at once in \`runbeat_oldest_ready_task_age_seconds\`.
- **What is in no transition**: second attempts, tasks that were rescheduled or deferred, cleared runs, tasks in which nothing
  ran, tasks under the rule \`always\`, teardowns and what follows a setup, and tasks whose last upstream to end was skipped:
  the waiting was for that. \`one_success\`, \`one_failed\` and \`one_done\` wait for the first such upstream, all other rules for
  the last. Negative ones are counted apart, never clamped.
- **A task's duration** is that of its last attempt; of a rescheduling sensor there is none, because each poke overwrites its
  start.
- **Buckets** hold the lines that are promised (3 s between tasks, 180 s a flow), so that a share below one is counted and not
  interpolated. \`RUNBEAT_TRANSITION_BUCKETS\`, \`RUNBEAT_RUN_BUCKETS\` and \`RUNBEAT_TASK_BUCKETS\` set others, to which these
  two are added where they are missing; the histograms concerned then start anew.
- **Label sets are limited** to \`RUNBEAT_SERIES_LIMIT\` (1000) for each metric and source. Further DAGs and tasks are counted
  under \`_other\`; \`runbeat_series_folded_total\` and the log say so.
- **A source that can't be read** keeps its counters; its gauges are left out once they are older than the heartbeat threshold
  (or five polls), rather than repeated as if they were still true.
- **The skew of an Airflow scheduler's clock** is inferred from the age that its heartbeats have when they are first seen, and
  is known to within a poll or two; the bundled scheduler writes it down, exact.
`;

interface Operation {
  summary: string;
  parameters: {
    name: string;
    in: string;
    required: boolean;
    schema: { type: string; format?: string; enum?: string[] };
  }[];
}

export function apiDocument(): string {
  const { paths } = openApi('') as { paths: Record<string, { get: Operation }> };
  const sections = Object.entries(paths).map(([path, { get }]) => endpointSection(path, get));
  const problems = Object.entries(PROBLEMS).map(
    ([code, { status, title }]) => `| ${status} | \`urn:runbeat:problem:${code.replaceAll('_', '-')}\` | ${title} |`,
  );
  return `# HTTP API of the exporter

JSON with snake_case names, over GET alone. \`/openapi.json\` has all of it as OpenAPI 3.1, made from the schemas that check the
requests; the answers' types are in \`shared/api.ts\` (this page: ${UPDATE}).

- **Times** are RFC 3339 in UTC with microseconds; as parameters also milliseconds since 1970. Durations are seconds.
- **A page** is \`{"items": […], "next_cursor": …}\`; give \`next_cursor\` as \`cursor\` for the next one, null ends the list.
- **Token**: with \`RUNBEAT_API_TOKEN\` set, everything but \`/metrics\`, \`/healthz\` and \`/readyz\` wants
  \`Authorization: Bearer <token>\`.
- **Errors** are RFC 9457 problems; \`errors\` names every parameter that is wrong.

${sections.join('\n')}
## Beside the API

| path | |
|---|---|
| \`/metrics\` | Prometheus text; costs the observed database nothing (metrics.md) |
| \`/healthz\` | 200 while the process answers |
| \`/readyz\` | 200 when the index and every source can be read and changes are read in time, else 503; the body says what is wrong |
| \`/openapi.json\` | this page for programs |

## Errors

| status | type | |
|---|---|---|
${problems.join('\n')}
`;
}

function endpointSection(path: string, operation: Operation): string {
  const rows = operation.parameters.map(
    ({ name, in: place, required, schema }) =>
      `| \`${name}\` | ${place} | ${required ? 'yes' : ''} | ${schema.enum ? schema.enum.join(', ') : (schema.format ?? schema.type)} |`,
  );
  const table = rows.length === 0 ? '' : `\n| parameter | in | required | |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  return `## \`GET ${path}\`\n\n${operation.summary}\n${table}`;
}
