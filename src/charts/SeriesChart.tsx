import type { TimeRange } from '@grafana/data';
import { Alert, TextLink } from '@grafana/ui';
import { APP_ID } from '../../shared/grafana.ts';
import type { ReactNode } from 'react';
import { PrometheusNotice } from './PrometheusNotice.tsx';
import { TimeChart } from './TimeChart.tsx';
import type { SeriesQuery } from './promql.ts';
import { useHasPrometheus, useSeries } from './useSeries.ts';

interface Props {
  title: string;
  description: string;
  query: SeriesQuery;
  range: TimeRange;
  line?: number;
}

/** A chart of Prometheus series over the range of the page, or the reason if the query fails. The rest of the page is not affected. */
export function SeriesChart({ query, range, ...chart }: Props) {
  const asked = useSeries(query, range);
  if (asked.data?.failure) {
    const title = `${chart.title}: Prometheus did not answer`;
    return <PrometheusNotice title={title} failure={asked.data.failure} query={asked} />;
  }
  return <TimeChart {...chart} data={asked.data?.answer} loading={asked.isFetching} />;
}

/** Its children if a Prometheus data source is available, otherwise a hint how to configure one. */
export function WithPrometheus({ children }: { children: ReactNode }) {
  if (useHasPrometheus()) return <>{children}</>;
  return (
    <Alert severity="info" title="Charts over time need Prometheus">
      The exporter has the current state and every run. Charts over time come from the Prometheus that scrapes it.
      Choose that data source on the{' '}
      <TextLink inline href={`/plugins/${APP_ID}`}>
        configuration page
      </TextLink>
      .
    </Alert>
  );
}
