import { z } from 'zod';
import { APP_ID, DATASOURCE_ID, PROMETHEUS_DATASOURCE_UID, RUNS_DATASOURCE_UID } from '../../shared/grafana.ts';
import { labels, promDuration, toSeconds } from './shared.ts';

/**
 * The keys of Grafana's provisioning files that we use (pkg/services/provisioning). Grafana ignores unknown keys and does not start with
 * invalid values, so both are refused here.
 */
const apiVersion = z.literal(1);
const orgId = z.literal(1);
const uid = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be at most 40 letters, digits, - and _');
const ticks = promDuration.refine((value) => toSeconds(value) % 10 === 0, 'must be a multiple of 10 s');
const missingState = z.enum(['Alerting', 'OK', 'KeepLast']);

const relativeTimeRange = z
  .strictObject({ from: z.number().int(), to: z.number().int().min(0) })
  .refine(({ from, to }) => from > to, 'from must lie before to');

const prometheusQuery = z.strictObject({
  refId: z.string(),
  relativeTimeRange,
  datasourceUid: z.literal(PROMETHEUS_DATASOURCE_UID),
  model: z.strictObject({
    refId: z.string(),
    expr: z.string().regex(/^[^$]*$/, 'must not contain $, which Grafana replaces'),
    instant: z.literal(true),
    range: z.literal(false),
    editorMode: z.literal('code'),
    intervalMs: z.number().int(),
    maxDataPoints: z.number().int(),
  }),
});

const thresholdExpression = z.strictObject({
  refId: z.string(),
  relativeTimeRange,
  datasourceUid: z.literal('__expr__'),
  model: z.strictObject({
    refId: z.string(),
    type: z.literal('threshold'),
    datasource: z.strictObject({ type: z.literal('__expr__'), uid: z.literal('__expr__') }),
    expression: z.string(),
    conditions: z
      .array(
        z.strictObject({ evaluator: z.strictObject({ type: z.enum(['gt', 'lt']), params: z.tuple([z.number()]) }) }),
      )
      .length(1),
  }),
});

export const grafanaRule = z.strictObject({
  uid,
  title: z.string().min(1).max(190),
  condition: z.string(),
  data: z.array(z.discriminatedUnion('datasourceUid', [prometheusQuery, thresholdExpression])).min(1),
  noDataState: missingState,
  execErrState: missingState,
  for: ticks,
  labels,
  annotations: labels.and(
    z.object({
      summary: z.string().regex(/^[^{}]*$/, 'must be a plain sentence: rule pages show it unexpanded'),
      __dashboardUid__: uid,
      __panelId__: z.string().regex(/^[1-9]\d*$/, 'must be the id of a panel, as text'),
    }),
  ),
  isPaused: z.literal(false),
});
export type GrafanaRule = z.infer<typeof grafanaRule>;

/** No `policies`: it would replace the user's whole notification tree. */
export const alertingFile = z.strictObject({
  apiVersion,
  groups: z.array(
    z.strictObject({
      orgId,
      name: z.string(),
      folder: z.string(),
      interval: ticks,
      rules: z.array(grafanaRule).min(1),
    }),
  ),
});

export const contactPointsFile = z.strictObject({
  apiVersion,
  contactPoints: z.array(
    z.strictObject({
      orgId,
      name: z.string(),
      receivers: z.array(
        z.strictObject({
          uid,
          type: z.literal('webhook'),
          settings: z.strictObject({ url: z.string().min(1), httpMethod: z.enum(['POST', 'PUT']) }),
          disableResolveMessage: z.boolean(),
        }),
      ),
    }),
  ),
});

const datasource = z.strictObject({
  name: z.string(),
  uid: z.enum([PROMETHEUS_DATASOURCE_UID, RUNS_DATASOURCE_UID]),
  orgId,
  type: z.enum(['prometheus', DATASOURCE_ID]),
  access: z.literal('proxy'),
  url: z.string().min(1),
  // With a second default data source, a Grafana that already has one would not start.
  isDefault: z.literal(false).optional(),
  jsonData: z
    .strictObject({
      httpMethod: z.literal('POST'),
      timeInterval: promDuration,
      manageAlerts: z.boolean(),
      exemplarTraceIdDestinations: z.array(
        z.strictObject({
          name: z.string(),
          url: z.string().regex(/^\/[^$]*(\$\$\{[^$]*)*$/, 'must be a path in which $ is written as $$'),
          urlDisplayLabel: z.string(),
        }),
      ),
    })
    .optional(),
  secureJsonData: z.strictObject({ apiToken: z.string() }).optional(),
});
export const datasourcesFile = z.strictObject({ apiVersion, datasources: z.array(datasource) });

export const pluginsFile = z.strictObject({
  apiVersion,
  apps: z.array(z.strictObject({ type: z.literal(APP_ID), org_id: z.literal(1), disabled: z.literal(false) })),
});

export const dashboardProvidersFile = z.strictObject({
  apiVersion,
  providers: z.array(
    z.strictObject({
      name: z.string(),
      orgId,
      folder: z.string(),
      type: z.literal('file'),
      disableDeletion: z.boolean(),
      allowUiUpdates: z.boolean(),
      updateIntervalSeconds: z.number().int().positive(),
      options: z.strictObject({ path: z.string() }),
    }),
  ),
});
