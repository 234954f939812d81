import type { PanelDataErrorViewProps } from '@grafana/runtime';

/** Replaces Grafana's view for a panel whose data does not fit. Like it, it prefers the panel's own words for "no data". */
export function PreviewDataErrorView({
  message,
  data,
  fieldConfig,
}: Pick<PanelDataErrorViewProps, 'message' | 'data' | 'fieldConfig'>) {
  const isEmpty = data.series.every(({ length }) => length === 0);
  return (
    <p
      role="status"
      style={{ display: 'grid', placeContent: 'center', height: '100%', textAlign: 'center', margin: 0 }}
    >
      {message ?? (isEmpty ? (fieldConfig?.defaults.noValue ?? 'No data') : 'Data is of another shape')}
    </p>
  );
}
