import type { TimeRange } from '@grafana/data';
import { Alert, TextLink } from '@grafana/ui';
import { APP_ID } from '../../shared/grafana.ts';
import type { ReactNode } from 'react';
import { TimeChart } from './TimeChart.tsx';
import { useHasHistory, useSeries, type PromTarget } from './useSeries.ts';

interface Props {
  title: string;
  description: string;
  targets: readonly PromTarget[];
  range: TimeRange;
  unit: string;
  line?: number;
}

/** Prometheus series over the page's range; where it can't be asked, why, and nothing else is lost. */
export function HistoryChart({ targets, range, ...chart }: Props) {
  const { data, error, isFetching } = useSeries(targets, range, true);
  if (error) {
    return (
      <Alert severity="warning" title={`${chart.title}: Prometheus did not answer`}>
        {error.message}
      </Alert>
    );
  }
  return <TimeChart {...chart} data={data} loading={isFetching} />;
}

/** Its children, where there is a Prometheus; else one line about how to get there. */
export function WithHistory({ children }: { children: ReactNode }) {
  if (useHasHistory()) return <>{children}</>;
  return (
    <Alert severity="info" title="History needs Prometheus">
      The exporter knows the present and every run; percentiles over time come from the Prometheus that scrapes it.
      Choose that data source on the{' '}
      <TextLink inline href={`/plugins/${APP_ID}`}>
        configuration page
      </TextLink>
      .
    </Alert>
  );
}
