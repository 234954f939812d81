import { dateTimeFormat, dateTimeFormatTimeAgo, type TimeZone } from '@grafana/data';

/** A point in time in the user's zone; how long ago stands in its tooltip. */
export function Moment({ at, timeZone }: { at: number | string | null; timeZone: TimeZone }) {
  if (at === null) return <>–</>;
  const iso = new Date(at).toISOString();
  return (
    <time dateTime={iso} title={`${dateTimeFormatTimeAgo(at)} · ${iso}`}>
      {formatMoment(at, timeZone)}
    </time>
  );
}

export function formatMoment(at: number | string, timeZone: TimeZone): string {
  return dateTimeFormat(at, { timeZone, format: 'YYYY-MM-DD HH:mm:ss' });
}
