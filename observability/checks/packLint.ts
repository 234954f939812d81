import { lintPack } from '../lint/pack.ts';
import { fullPack } from '../pack.ts';
import { DEFAULT_THRESHOLDS } from '../thresholds.ts';
import type { Check } from './check.ts';

/** Prometheus, Alertmanager and Grafana can load the pack, and every reference in it leads somewhere. */
export const packLint: Check = {
  name: 'alerts, rules and dashboards hold together',
  run: async () => lintPack(fullPack(DEFAULT_THRESHOLDS)),
};
