import type { TimeRange } from '@grafana/data';
import { Alert, TextLink } from '@grafana/ui';
import { APP_ID } from '../../shared/grafana.ts';
import type { ReactNode } from 'react';
import { TimeChart } from './TimeChart.tsx';
import type { HistoryQuery } from './promql.ts';
import { useHasHistory, useSeries } from './useSeries.ts';

interface Props {
  title: string;
  description: string;
  query: HistoryQuery;
  range: TimeRange;
  line?: number;
}

/** Prometheus series over the page's range; where it can't be asked, the reason. The rest of the page is not affected. */
export function HistoryChart({ query, range, ...chart }: Props) {
  const { data, error, isFetching } = useSeries(query, range);
  if (error) {
    return (
      <Alert severity="warning" title={`${chart.title}: Prometheus did not answer`}>
        {error.message}
      </Alert>
    );
  }
  return <TimeChart {...chart} data={data} loading={isFetching && !data} />;
}

/** Its children, where there is a Prometheus; else one line about how to get there. */
export function WithHistory({ children }: { children: ReactNode }) {
  if (useHasHistory()) return <>{children}</>;
  return (
    <Alert severity="info" title="History needs Prometheus">
      The exporter has the current state and every run. Percentiles over time come from the Prometheus that scrapes it.
      Choose that data source on the{' '}
      <TextLink inline href={`/plugins/${APP_ID}`}>
        configuration page
      </TextLink>
      .
    </Alert>
  );
}
