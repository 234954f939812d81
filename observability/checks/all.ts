import { alertDocs } from './alertDocs.ts';
import type { Check } from './check.ts';
import { metricDocs } from './metricDocs.ts';
import { packDrift } from './packDrift.ts';
import { packLint } from './packLint.ts';
import { runbooks } from './runbooks.ts';
import { settingsDocs } from './settingsDocs.ts';

/** Every check of `npm run check:docs`. */
export const CHECKS: readonly Check[] = [packDrift, packLint, runbooks, alertDocs, metricDocs, settingsDocs];
