import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { stateLook } from '../data/stateLook.ts';
import { StateIcon } from './StateIcon.tsx';

/** State of a run or a task as a word and an icon, so that it does not depend on colour alone. */
export function StateBadge({ state }: { state: string | null }) {
  const styles = useStyles2(getStyles);
  return (
    <span className={styles.badge}>
      <StateIcon state={state} />
      {stateLook(state).label}
    </span>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  badge: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    padding: theme.spacing(0.25, 0.75),
    borderRadius: theme.shape.radius.pill,
    border: `1px solid ${theme.colors.border.weak}`,
    background: theme.colors.background.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    whiteSpace: 'nowrap',
  }),
});
