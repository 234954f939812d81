import { dateTimeFormat, type TimeZone } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { ReactElement } from 'react';
import { chartStyles } from './styles.ts';
import type { Tick } from './ticks.ts';
import { fractionAt, type TimeWindow } from './timeWindow.ts';

/** Of one character. A label that would be cut off at the right edge is not drawn. */
const CHARACTER_PX = 7;

interface Props {
  window: TimeWindow;
  ticks: readonly Tick[];
  left: number;
  width: number;
  /** Position of the now-line; null if nothing is unfinished. */
  now: number | null;
  timeZone: TimeZone;
  /** Heading of the label column. */
  heading: string;
}

/** Times above the bars. */
export function TimeAxis({ window, ticks, left, width, now, timeZone, heading }: Props): ReactElement {
  const styles = useStyles2(chartStyles);
  const at = (moment: number) => left + fractionAt(window, moment) * width;
  const nowAt = now === null ? null : at(now);
  return (
    <div className={styles.axis} aria-hidden>
      <span className={styles.heading} style={{ width: left }}>
        {heading}
      </span>
      {ticks
        .filter((tick) => at(tick.at) + tick.label.length * CHARACTER_PX < left + width)
        .map((tick) => (
          <span key={tick.at} className={styles.tick} style={{ left: at(tick.at) }}>
            {tick.label}
          </span>
        ))}
      {nowAt !== null && nowAt >= left && nowAt <= left + width && (
        <span className={styles.nowTag} style={{ left: nowAt }} title={dateTimeFormat(now!, { timeZone })}>
          now
        </span>
      )}
    </div>
  );
}
