import { PROMETHEUS_DATASOURCE_UID, RUNS_DATASOURCE_UID } from '../../shared/grafana.ts';
import { TRANSITION_LINE } from '../../shared/metrics.ts';
import { DEFAULT_TRACE_QUERY } from '../explore/template.ts';

/** Settings of the configuration page, stored as the app's jsonData. */
export interface AppSettings {
  /** uid of the Runbeat data source that the pages read. */
  runsUid?: string;
  /** uid of the Prometheus data source with the exporter's metrics. */
  prometheusUid?: string;
  /** uid of the data source with the logs of tasks; empty for none. */
  logsUid?: string;
  /** Its query for the log of one try, with placeholders (src/explore/template.ts). */
  logsQuery?: string;
  /** uid of the data source with traces; empty for none. */
  tracesUid?: string;
  /** Its query for one trace, with placeholders. */
  tracesQuery?: string;
  /** Seconds above which a transition is shown as slow. */
  transitionSeconds?: number;
}

export const DEFAULT_SETTINGS: Required<AppSettings> = {
  runsUid: RUNS_DATASOURCE_UID,
  prometheusUid: PROMETHEUS_DATASOURCE_UID,
  logsUid: '',
  logsQuery: '',
  tracesUid: '',
  tracesQuery: DEFAULT_TRACE_QUERY,
  transitionSeconds: TRANSITION_LINE,
};

/** Settings with defaults for missing and invalid values. */
export function completeSettings(settings: AppSettings | null | undefined): Required<AppSettings> {
  const positive = (value: number | undefined, otherwise: number) =>
    typeof value === 'number' && value > 0 ? value : otherwise;
  return {
    runsUid: settings?.runsUid || DEFAULT_SETTINGS.runsUid,
    prometheusUid: settings?.prometheusUid || DEFAULT_SETTINGS.prometheusUid,
    logsUid: settings?.logsUid ?? DEFAULT_SETTINGS.logsUid,
    logsQuery: settings?.logsQuery ?? DEFAULT_SETTINGS.logsQuery,
    tracesUid: settings?.tracesUid ?? DEFAULT_SETTINGS.tracesUid,
    tracesQuery: settings?.tracesQuery || DEFAULT_SETTINGS.tracesQuery,
    transitionSeconds: positive(settings?.transitionSeconds, DEFAULT_SETTINGS.transitionSeconds),
  };
}
