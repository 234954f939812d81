import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { useMemo, type ReactElement } from 'react';
import { StateIcon } from '../../components/StateIcon.tsx';
import { stateLook, STATES_BY_URGENCY } from '../../data/stateLook.ts';
import { legendStyles } from '../legendStyles.ts';
import type { GraphModel } from '../../data/graphModel.ts';

interface Props {
  model: GraphModel;
  slowSeconds: number;
  slow: boolean;
  critical: boolean;
}

/** Explains the colours and lines that the graph contains, with the number of tasks in each state. */
export function GraphLegend({ model, slowSeconds, slow, critical }: Props): ReactElement {
  const styles = useStyles2(graphLegendStyles);
  const counts = useMemo(() => {
    const byState = new Map<string | null, number>();
    for (const node of model.nodes) byState.set(node.state, (byState.get(node.state) ?? 0) + 1);
    return byState;
  }, [model]);
  return (
    <ul className={styles.list} aria-label="Legend">
      {[...STATES_BY_URGENCY, null].map((state) => {
        const count = counts.get(state);
        if (!count) return null;
        const { label } = stateLook(state);
        return (
          <li className={styles.item} key={label}>
            <StateIcon state={state} />
            {label} {count.toLocaleString('en')}
          </li>
        );
      })}
      {slow && (
        <li className={styles.item}>
          <span className={styles.slow} aria-hidden />
          started more than {slowSeconds} s late
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
}

const graphLegendStyles = (theme: GrafanaTheme2) => ({
  ...legendStyles(theme),
  slow: css({ width: 18, height: 3, background: theme.colors.error.main }),
});
