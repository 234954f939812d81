import { openApi } from '../../exporter/api/openapi.ts';
import { PROBLEMS } from '../../exporter/api/problems.ts';
import { METRICS, type MetricDefinition } from '../../shared/metrics.ts';

/** Texts of docs/metrics.md and docs/api.md, generated from the exporter's metrics and OpenAPI document. */

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

The exporter serves these metrics at \`/metrics\`. This page is generated from \`shared/metrics.ts\` (${UPDATE}). The exporter also
serves the usual \`process_*\` and \`nodejs_*\` metrics about itself.

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
- **The history is not counted.** Runs that ended before the exporter first saw a source can be looked up, but no counter includes
  them.
- **A transition is counted when its next task has ended**, because only then are the timestamps final. Stuck work shows
  immediately in \`runbeat_oldest_ready_task_age_seconds\`.
- **Not counted as transitions**: second and later tries, rescheduled or deferred tasks, cleared runs, tasks that ran nothing, tasks
  with the rule \`always\`, tasks with \`depends_on_past\` (they may have waited for the previous run), teardowns, tasks that follow a
  setup, and tasks whose last upstream to end was skipped.
- **The upstream of a transition** is the first matching one for \`one_success\`, \`one_failed\` and \`one_done\`, and the last one for
  all other rules. Negative transitions are counted separately, never clamped.
- **A task's duration** is that of its last try. A rescheduling sensor has none, because each poke overwrites its start.
- **Buckets** include the bounds that alerts and dashboards use (3 s for transitions, 180 s for runs), so that a share below them
  is counted, not interpolated. \`RUNBEAT_TRANSITION_BUCKETS\`, \`RUNBEAT_RUN_BUCKETS\` and \`RUNBEAT_TASK_BUCKETS\` set other
  bounds. These two are always added. A histogram whose bounds change restarts from zero.
- **Label sets are limited** to \`RUNBEAT_SERIES_LIMIT\` (1000) for each metric and source. Further DAGs and tasks are counted
  under \`_other\`, which \`runbeat_series_folded_total\` and the log report. \`runbeat_promise_runs_total\` has no limit: the promises
  in \`runbeat.yaml\` determine how many series it has.
- **A source that can't be read** keeps its counters. Its gauges disappear when they are older than the heartbeat threshold (or
  five polls), because they may no longer be true.
- **The skew of an Airflow scheduler's clock** is inferred from the age of its heartbeats when they are first seen, with a
  precision of a poll or two. The bundled scheduler records its exact skew.
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

The API serves JSON with snake_case names, over GET only. \`/openapi.json\` describes it as OpenAPI 3.1, generated from the schemas
that validate the requests. The response types are in \`shared/api.ts\`. (This page is generated: ${UPDATE}.)

- **Times** are RFC 3339 in UTC with microseconds. Parameters may also be milliseconds since 1970. Durations are seconds.
- **Pages** have the form \`{"items": […], "next_cursor": …}\`. Pass \`next_cursor\` as \`cursor\` to get the next page. On the last page,
  it is null.
- **Token**: with \`RUNBEAT_API_TOKEN\` or \`RUNBEAT_API_TOKEN_FILE\` set, everything except \`/\`, \`/metrics\`, \`/healthz\` and \`/readyz\`
  requires \`Authorization: Bearer <token>\`.
- **Errors** are RFC 9457 problems. \`errors\` names every invalid parameter.

${sections.join('\n')}
## Other paths

| path | |
|---|---|
| \`/metrics\` | Prometheus text format, served from memory ([metrics.md](metrics.md)) |
| \`/healthz\` | 200 while the process is running |
| \`/readyz\` | 200 when the index and every source can be read without lagging, otherwise 503; the body names the checks that failed, and \`/api/v1/sources\` has the reasons |
| \`/openapi.json\` | the OpenAPI document |

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
