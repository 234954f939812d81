import { allDashboards } from '../../observability/dashboards/all.ts';
import { DEFAULT_THRESHOLDS } from '../../observability/thresholds.ts';

interface PanelQuery {
  expr: string;
  instant: boolean;
  /** Whether the query is for exemplars. Grafana also requests its samples, of which there are intentionally none. */
  exemplar: boolean;
}

/** A panel's queries to Prometheus, with their variables filled in as Grafana does for "All" and a range of a month. */
export interface Panel {
  dashboard: string;
  title: string;
  queries: PanelQuery[];
}

export function panelsOver(rangeSeconds: number, stepSeconds: number): Panel[] {
  return allDashboards(DEFAULT_THRESHOLDS).flatMap((dashboard) =>
    (dashboard.panels ?? []).flatMap((panel) => {
      const { title, targets } = panel as { title?: string; targets?: Target[] };
      const queries = (targets ?? []).flatMap(({ expr, instant, exemplar, interval }) =>
        expr === undefined
          ? []
          : [
              {
                expr: filledIn(expr, rangeSeconds, stepSeconds, interval),
                instant: instant === true,
                exemplar: exemplar === true,
              },
            ],
      );
      return queries.length > 0 ? [{ dashboard: dashboard.uid!, title: title ?? '', queries }] : [];
    }),
  );
}

interface Target {
  expr?: string;
  instant?: boolean;
  exemplar?: boolean;
  interval?: string;
}

/** Grafana's `$__rate_interval` is the step and one scrape (the query's min step, where it has one). */
function filledIn(expr: string, range: number, step: number, interval?: string): string {
  const scrape = interval ? DEFAULT_THRESHOLDS.flow_interval : DEFAULT_THRESHOLDS.scrape_interval;
  return expr
    .replaceAll('$__range', `${range}s`)
    .replaceAll('$__rate_interval', `${step + scrape}s`)
    .replaceAll(/\$(source|dag_id)\b/g, '.*');
}
