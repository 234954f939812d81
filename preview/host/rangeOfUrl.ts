import { dateTime, getDefaultTimeRange, rangeUtil, type DateTime, type TimeRange } from '@grafana/data';
import { locationService } from '@grafana/runtime';

/** The time range in the URL, or the last six hours. */
export function rangeOfUrl(): TimeRange {
  const search = locationService.getSearch();
  const [fromText, toText] = [search.get('from'), search.get('to')];
  if (!fromText || !toText) return getDefaultTimeRange();
  return rangeUtil.convertRawToRange({ from: boundOf(fromText), to: boundOf(toText) });
}

/** Parses a relative time, epoch milliseconds or ISO 8601, as Grafana does in dashboard URLs. */
function boundOf(text: string): string | DateTime {
  if (/^\d+$/.test(text)) return dateTime(Number(text));
  return text.includes('now') ? text : dateTime(text);
}
