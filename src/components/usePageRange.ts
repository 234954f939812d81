import { dateMath, dateTime, makeTimeRange, rangeUtil, type RawTimeRange, type TimeRange } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { useCallback, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { userTimeZone } from './timeZone.ts';

export interface PageRange {
  range: TimeRange;
  /** As in the URL. */
  query: { from: string; to: string };
  setRange: (raw: RawTimeRange) => void;
  /** Resolves a relative range ("now-1h") again. */
  refresh: () => void;
}

/** The page's time range, kept in the URL as Grafana does: `from` and `to`, relative, ISO 8601 or in epoch milliseconds. */
export function usePageRange(defaultFrom: string): PageRange {
  const [params] = useSearchParams();
  const [reading, setReading] = useState(0);
  const from = validBound(params.get('from')) ?? defaultFrom;
  const to = validBound(params.get('to')) ?? 'now';
  const range = useMemo(() => readRange(from, to, reading), [from, to, reading]);
  const refresh = useCallback(() => setReading((count) => count + 1), []);
  return {
    range,
    query: { from, to },
    refresh,
    setRange: (raw) => locationService.partial({ from: writeBound(raw.from), to: writeBound(raw.to) }),
  };
}

/** The time range in the URL; null if there is none. */
export function rangeOfParams(params: URLSearchParams): TimeRange | null {
  const [from, to] = [validBound(params.get('from')), validBound(params.get('to'))];
  return from || to ? readRange(from ?? 'now-6h', to ?? 'now', 0) : null;
}

/** `_reading` only causes relative ranges to be resolved again. */
function readRange(from: string, to: string, _reading: number): TimeRange {
  const zone = userTimeZone();
  const raw = { from: readBound(from), to: readBound(to) };
  const range = rangeUtil.convertRawToRange(raw, zone);
  return range.from.isBefore(range.to) ? range : makeTimeRange(dateTime(range.to).subtract(1, 'hour'), range.to);
}

/** A moment with a time zone, as Grafana 11 and later write it: `2026-01-01T00:00:00.000Z`. */
const WITH_ZONE = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/i;

function readBound(bound: string) {
  if (/^\d+$/.test(bound)) return dateTime(Number(bound));
  return WITH_ZONE.test(bound) ? dateTime(Date.parse(bound)) : bound;
}

function validBound(bound: string | null): string | null {
  if (!bound) return null;
  return /^\d{8,15}$/.test(bound) || dateMath.isValid(bound) ? bound : null;
}

function writeBound(bound: RawTimeRange['from']): string {
  return typeof bound === 'string' ? bound : String(bound.valueOf());
}
