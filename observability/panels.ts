import { DASHBOARD_UIDS } from '../shared/grafana.ts';

/** Fixed ids of the panels that alerts link to. */
export const PANELS = {
  schedulersAlive: { dashboard: DASHBOARD_UIDS.scheduler, id: 1 },
  heartbeatAge: { dashboard: DASHBOARD_UIDS.scheduler, id: 2 },
  oldestReadyTask: { dashboard: DASHBOARD_UIDS.scheduler, id: 3 },
  transitions: { dashboard: DASHBOARD_UIDS.scheduler, id: 4 },
  backlog: { dashboard: DASHBOARD_UIDS.scheduler, id: 5 },
  exporterUp: { dashboard: DASHBOARD_UIDS.scheduler, id: 6 },
  sourceUp: { dashboard: DASHBOARD_UIDS.scheduler, id: 7 },
  sourceLag: { dashboard: DASHBOARD_UIDS.scheduler, id: 8 },
  flowBurn: { dashboard: DASHBOARD_UIDS.flows, id: 1 },
  promiseOverdue: { dashboard: DASHBOARD_UIDS.flows, id: 3 },
  flowFailures: { dashboard: DASHBOARD_UIDS.flows, id: 2 },
} as const satisfies Record<string, { dashboard: string; id: number }>;

export type PanelKey = keyof typeof PANELS;
