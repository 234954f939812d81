import { dateMath, dateTime, makeTimeRange, rangeUtil, type RawTimeRange, type TimeRange } from '@grafana/data';
import { useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { userTimeZone } from './timeZone.ts';

export interface PageRange {
  range: TimeRange;
  /** As the URL holds it. */
  query: { from: string; to: string };
  setRange: (raw: RawTimeRange) => void;
  /** Reads a relative range ("now-1h") anew. */
  refresh: () => void;
}

/** The page's time range, kept in the URL as Grafana does: `from` and `to`, relative or in epoch milliseconds. */
export function usePageRange(defaultFrom: string): PageRange {
  const [params, setParams] = useSearchParams();
  const [reading, setReading] = useState(0);
  const from = validBound(params.get('from')) ?? defaultFrom;
  const to = validBound(params.get('to')) ?? 'now';
  const range = useMemo(() => readRange(from, to, reading), [from, to, reading]);
  const refresh = useCallback(() => setReading((count) => count + 1), []);
  return {
    range,
    query: { from, to },
    refresh,
    setRange: (raw) =>
      setParams((previous) => {
        const next = new URLSearchParams(previous);
        next.set('from', writeBound(raw.from));
        next.set('to', writeBound(raw.to));
        return next;
      }),
  };
}

/** What the URL's range comes to; null where it names none. */
export function rangeOfParams(params: URLSearchParams): TimeRange | null {
  const [from, to] = [validBound(params.get('from')), validBound(params.get('to'))];
  return from || to ? readRange(from ?? 'now-6h', to ?? 'now', 0) : null;
}

/** `_reading` makes a relative range move on when it is read again. */
function readRange(from: string, to: string, _reading: number): TimeRange {
  const zone = userTimeZone();
  const raw = { from: readBound(from), to: readBound(to) };
  const range = rangeUtil.convertRawToRange(raw, zone);
  return range.from.isBefore(range.to) ? range : makeTimeRange(dateTime(range.to).subtract(1, 'hour'), range.to);
}

function readBound(bound: string) {
  return /^\d+$/.test(bound) ? dateTime(Number(bound)) : bound;
}

function validBound(bound: string | null): string | null {
  if (!bound) return null;
  return /^\d{8,15}$/.test(bound) || dateMath.isValid(bound) ? bound : null;
}

function writeBound(bound: RawTimeRange['from']): string {
  return typeof bound === 'string' ? bound : String(bound.valueOf());
}
