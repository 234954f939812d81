import { dateTimeFormat, dateTimeFormatTimeAgo, type TimeZone } from '@grafana/data';

/** A point in time in the user's zone; how long ago stands in its tooltip, as of when the pointer came. */
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

/** As Grafana writes dates everywhere; an administrator may have set the format (`date_formats`). */
export function formatMoment(at: number | string, timeZone: TimeZone): string {
  return dateTimeFormat(at, { timeZone });
}
