import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { memo, type ReactElement } from 'react';
import { StateIcon } from '../../components/StateIcon.tsx';
import { stateLook } from '../../data/stateLook.ts';
import { legendStyles } from '../legendStyles.ts';

interface Props {
  /** States present, the most urgent first; `none` for no status. */
  states: readonly string[];
  critical: boolean;
  retries: boolean;
  /** Usual durations are known. */
  usual: boolean;
}

/** Says what patterns and colours mean; only what is on the chart. */
export const GanttLegend = memo(function GanttLegend({ states, critical, retries, usual }: Props): ReactElement {
  const styles = useStyles2(ganttLegendStyles);
  return (
    <ul className={styles.list} aria-label="Legend">
      <li className={styles.item}>
        <span className={styles.scheduler} aria-hidden />
        waiting for the scheduler
      </li>
      <li className={styles.item}>
        <span className={styles.slot} aria-hidden />
        queued for a slot
      </li>
      {states.map((state) => {
        const known = state === 'none' ? null : state;
        return (
          <li className={styles.item} key={state}>
            <StateIcon state={known} />
            {stateLook(known).label}
          </li>
        );
      })}
      {retries && (
        <li className={styles.item}>
          <span className={styles.retry} aria-hidden />
          until the retry
        </li>
      )}
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
    retry: css({ width: 18, borderTop: `2px dotted ${theme.colors.text.secondary}` }),
  };
};
