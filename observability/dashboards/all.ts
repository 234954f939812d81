import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Thresholds } from '../thresholds.ts';
import { flowsDashboard } from './flows.ts';
import { lookupDashboard } from './lookup.ts';
import { schedulerDashboard } from './scheduler.ts';

/** Every dashboard of the pack, in the order of the people they are for: on call, the lead, support. */
export function allDashboards(thresholds: Thresholds): Dashboard[] {
  return [schedulerDashboard(thresholds), flowsDashboard(thresholds), lookupDashboard(thresholds)];
}
