import type { PanelDataErrorViewProps } from '@grafana/runtime';

/** What Grafana shows in a panel whose data does not fit. */
export function PreviewDataErrorView({ message, data }: PanelDataErrorViewProps) {
  return <p role="status">{message ?? (data.series.length === 0 ? 'No data' : 'Data is of another shape')}</p>;
}
