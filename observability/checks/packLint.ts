import { lintPack } from '../lint/pack.ts';
import { fullPack } from '../pack.ts';
import { DEFAULT_THRESHOLDS } from '../thresholds.ts';
import type { Check } from './check.ts';

/** Checks that Prometheus, Alertmanager and Grafana can load the pack, and that all references in it exist. */
export const packLint: Check = {
  name: 'alerts, rules and dashboards hold together',
  run: async () => lintPack(fullPack(DEFAULT_THRESHOLDS)),
};
