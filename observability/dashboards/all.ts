import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Thresholds } from '../thresholds.ts';
import { flowsDashboard } from './flows.ts';
import { lookupDashboard } from './lookup.ts';
import { schedulerDashboard } from './scheduler.ts';

/** All dashboards, in the order of their audiences: on call, team lead, support. */
export function allDashboards(thresholds: Thresholds): Dashboard[] {
  return [schedulerDashboard(thresholds), flowsDashboard(thresholds), lookupDashboard()];
}
