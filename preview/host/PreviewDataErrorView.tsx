import type { PanelDataErrorViewProps } from '@grafana/runtime';

/** Replaces Grafana's view for a panel whose data does not fit. */
export function PreviewDataErrorView({ message, data }: PanelDataErrorViewProps) {
  return <p role="status">{message ?? (data.series.length === 0 ? 'No data' : 'Data is of another shape')}</p>;
}
