import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { memo, type ReactElement } from 'react';
import { StateIcon } from '../../components/StateIcon.tsx';
import { stateLook } from '../../data/stateLook.ts';
import { legendStyles } from '../legendStyles.ts';
import type { SegmentKind } from './model.ts';

interface Props {
  /** States in the chart, the most urgent first; `none` for no status. */
  states: readonly string[];
  /** Kinds of segments in the chart. */
  kinds: ReadonlySet<SegmentKind>;
  critical: boolean;
  /** Usual durations are known. */
  usual: boolean;
}

const WAITS = [
  { kind: 'gap', swatch: 'pause', text: 'nothing ran' },
  { kind: 'scheduler', swatch: 'scheduler', text: 'waiting for the scheduler' },
  { kind: 'slot', swatch: 'slot', text: 'queued for a slot' },
  { kind: 'retry_delay', swatch: 'pause', text: 'until the retry' },
] as const satisfies readonly { kind: SegmentKind; swatch: string; text: string }[];

/** Explains the patterns and colours that the chart contains. */
export const GanttLegend = memo(function GanttLegend({ states, kinds, critical, usual }: Props): ReactElement {
  const styles = useStyles2(ganttLegendStyles);
  return (
    <ul className={styles.list} aria-label="Legend">
      {WAITS.filter(({ kind }) => kinds.has(kind)).map(({ kind, swatch, text }) => (
        <li className={styles.item} key={kind}>
          <span className={styles[swatch]} aria-hidden />
          {text}
        </li>
      ))}
      {states.map((state) => {
        const known = state === 'none' ? null : state;
        return (
          <li className={styles.item} key={state}>
            <StateIcon state={known} />
            {stateLook(known).label}
          </li>
        );
      })}
      {usual && (
        <li className={styles.item}>
          <span className={styles.usual} aria-hidden />
          usual end
        </li>
      )}
      {critical && (
        <li className={styles.item}>
          <span className={styles.critical} aria-hidden />
          critical path
        </li>
      )}
    </ul>
  );
});

const ganttLegendStyles = (theme: GrafanaTheme2) => {
  const orange = theme.visualization.getColorByName('orange');
  const purple = theme.visualization.getColorByName('purple');
  const swatch = { width: 18, height: 10, flexShrink: 0 };
  return {
    ...legendStyles(theme),
    scheduler: css({
      ...swatch,
      background: `repeating-linear-gradient(135deg, ${orange} 0 1.5px, transparent 1.5px 4px)`,
      outline: `1px solid ${orange}55`,
    }),
    slot: css({ ...swatch, border: `1.5px solid ${purple}`, background: `${purple}40` }),
    usual: css({
      width: 4,
      height: 12,
      border: `1.25px solid ${theme.colors.text.primary}`,
      borderLeft: 'none',
    }),
    pause: css({ width: 18, borderTop: `2px dotted ${theme.colors.text.secondary}` }),
  };
};
