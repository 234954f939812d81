import { dateTimeFormat, dateTimeFormatTimeAgo, type TimeZone } from '@grafana/data';

/** A point in time in the user's time zone. The tooltip says how long ago it was when the pointer entered. */
export function Moment({ at, timeZone }: { at: number | string | null; timeZone: TimeZone }) {
  if (at === null) return <>–</>;
  const iso = new Date(at).toISOString();
  return (
    <time
      style={{ whiteSpace: 'nowrap' }}
      dateTime={iso}
      onPointerEnter={({ currentTarget }) => (currentTarget.title = `${dateTimeFormatTimeAgo(at)} · ${iso}`)}
    >
      {formatMoment(at, timeZone)}
    </time>
  );
}

/** Formats a date as Grafana does everywhere. An administrator may have set the format (`date_formats`). */
export function formatMoment(at: number | string, timeZone: TimeZone): string {
  return dateTimeFormat(at, { timeZone });
}
