import { z } from 'zod';
import { DASHBOARD_UIDS, DATASOURCE_ID } from '../../shared/grafana.ts';

/** The parts of a dashboard's JSON with references. The SDK's types cover the rest. */
const datasource = z.union([
  z.strictObject({ type: z.literal('prometheus'), uid: z.literal('${prometheus}') }),
  z.strictObject({ type: z.literal(DATASOURCE_ID), uid: z.literal('${runs}') }),
]);

const target = z.looseObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource,
  expr: z.string().optional(),
});

const panel = z.looseObject({
  id: z.number().int(),
  type: z.string(),
  title: z.string().min(1),
  datasource: datasource.optional(),
  targets: z.array(target).default([]),
});

export const dashboardFile = z.looseObject({
  uid: z.enum(Object.values(DASHBOARD_UIDS)),
  title: z.string().min(1).max(190),
  panels: z.array(panel),
  templating: z.looseObject({
    list: z
      .array(z.looseObject({ name: z.string(), datasource: datasource.optional(), query: z.unknown() }))
      .optional(),
  }),
  annotations: z.looseObject({
    list: z.array(z.looseObject({ datasource, target: z.looseObject({ refId: z.string() }) })),
  }),
});
export type DashboardFile = z.output<typeof dashboardFile>;
