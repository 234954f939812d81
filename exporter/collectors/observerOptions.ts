import type { ExporterConfig } from '../config.ts';
import type { PromiseRule } from '../promises/rules.ts';

type Settings =
  | 'pollSeconds'
  | 'statementTimeoutSeconds'
  | 'schedulerForgetSeconds'
  | 'seriesLimit'
  | 'retentionDays'
  | 'settingsSeconds'
  | 'bounds';

export interface ObserverOptions extends Pick<ExporterConfig, Settings> {
  /** The current promises. */
  rules: () => readonly PromiseRule[];
}
