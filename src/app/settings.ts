import { PROMETHEUS_DATASOURCE_UID, RUNS_DATASOURCE_UID } from '../../shared/grafana.ts';

/** What an Admin chooses on the configuration page; stored as the app's jsonData. */
export interface AppSettings {
  /** uid of the Runbeat data source that the pages read. */
  runsUid?: string;
  /** uid of the Prometheus data source that holds the exporter's metrics. */
  prometheusUid?: string;
  /** The line that a flow is promised under, in seconds. */
  flowSeconds?: number;
  /** The line that a transition is promised under, in seconds. */
  transitionSeconds?: number;
}

export const DEFAULT_SETTINGS: Required<AppSettings> = {
  runsUid: RUNS_DATASOURCE_UID,
  prometheusUid: PROMETHEUS_DATASOURCE_UID,
  flowSeconds: 180,
  transitionSeconds: 3,
};

/** Settings with defaults for what is absent or unusable. */
export function completeSettings(settings: AppSettings | null | undefined): Required<AppSettings> {
  const positive = (value: number | undefined, otherwise: number) =>
    typeof value === 'number' && value > 0 ? value : otherwise;
  return {
    runsUid: settings?.runsUid || DEFAULT_SETTINGS.runsUid,
    prometheusUid: settings?.prometheusUid || DEFAULT_SETTINGS.prometheusUid,
    flowSeconds: positive(settings?.flowSeconds, DEFAULT_SETTINGS.flowSeconds),
    transitionSeconds: positive(settings?.transitionSeconds, DEFAULT_SETTINGS.transitionSeconds),
  };
}
