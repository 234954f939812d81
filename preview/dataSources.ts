import { DATASOURCE_ID, PROMETHEUS_DATASOURCE_UID, RUNS_DATASOURCE_UID } from '../shared/grafana.ts';

/** A data source, as provisioning would configure it, with the properties that only the server knows. */
export interface PreviewDataSource {
  uid: string;
  name: string;
  type: string;
  /** URL for the browser. */
  url: string;
  jsonData: Record<string, unknown>;
  /** URL for the proxy. */
  upstream: string;
  secrets: Record<string, string>;
}

interface Upstreams {
  exporterUrl: string;
  apiToken?: string;
  prometheusUrl?: string;
}

export function provision({ exporterUrl, apiToken, prometheusUrl }: Upstreams): PreviewDataSource[] {
  const sources = [
    source(RUNS_DATASOURCE_UID, 'Runbeat runs', DATASOURCE_ID, exporterUrl, apiToken ? { apiToken } : {}),
  ];
  if (prometheusUrl) sources.push(source(PROMETHEUS_DATASOURCE_UID, 'Prometheus', 'prometheus', prometheusUrl, {}));
  return sources;
}

function source(uid: string, name: string, type: string, upstream: string, secrets: Record<string, string>) {
  const url = `/api/datasources/proxy/uid/${uid}`;
  return { uid, name, type, url, jsonData: {}, upstream: upstream.replace(/\/+$/, ''), secrets };
}
