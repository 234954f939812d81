import { dateTime, type RawTimeRange } from '@grafana/data';
import { locationService } from '@grafana/runtime';
import { RefreshPicker, Stack, TimeRangePicker } from '@grafana/ui';
import { useEffect } from 'react';
import { useSearchParams } from 'react-router-dom';
import { userTimeZone } from './timeZone.ts';
import type { PageRange } from './usePageRange.ts';

const INTERVALS = ['5s', '10s', '30s', '1m', '5m'];
const MS: Record<string, number> = { '5s': 5e3, '10s': 1e4, '30s': 3e4, '1m': 6e4, '5m': 3e5 };

/** Grafana's time picker and refresh picker for a page; both are kept in the URL. */
export function RangeControls({ pageRange }: { pageRange: PageRange }) {
  const { range, setRange, refresh } = pageRange;
  const [params] = useSearchParams();
  const interval = params.get('refresh') ?? '';
  useEffect(() => {
    const every = MS[interval];
    if (!every) return;
    const timer = setInterval(refresh, every);
    return () => clearInterval(timer);
  }, [interval, refresh]);
  const shift = (share: number) => setRange(moved(pageRange, share, 1));
  return (
    <Stack direction="row" gap={1} wrap="wrap">
      <TimeRangePicker
        value={range}
        timeZone={userTimeZone()}
        onChange={(next) => setRange(next.raw)}
        onChangeTimeZone={(zone) => locationService.partial({ timezone: zone || null })}
        onMoveBackward={() => shift(-0.5)}
        onMoveForward={() => shift(0.5)}
        onZoom={() => setRange(moved(pageRange, 0, 2))}
        isOnCanvas
      />
      <RefreshPicker
        value={interval}
        text="Refresh"
        intervals={INTERVALS}
        onRefresh={refresh}
        onIntervalChanged={(next) => locationService.partial({ refresh: next || null })}
      />
    </Stack>
  );
}

/** The range moved by a share of its length and made `factor` times as long around its middle. */
function moved({ range }: PageRange, share: number, factor: number): RawTimeRange {
  const [from, to] = [range.from.valueOf(), range.to.valueOf()];
  const length = to - from;
  const middle = (from + to) / 2 + share * length;
  return { from: dateTime(middle - (factor * length) / 2), to: dateTime(middle + (factor * length) / 2) };
}
