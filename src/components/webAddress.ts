/**
 * An address from the exporter for a link out of Grafana; undefined if it is not of the web, such as `javascript:`. Grafana's own check
 * also decodes the address: Airflow 2 would look for a run whose id has a space for each `+`.
 */
export function webAddress(url: string | null): string | undefined {
  return url !== null && /^https?:\/\//i.test(url) ? url : undefined;
}
