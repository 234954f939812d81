import { css } from '@emotion/css';
import { LoadingState, type GrafanaTheme2, type IconName, type PanelData } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { ReactElement, ReactNode } from 'react';

interface Props {
  icon: IconName;
  title: string;
  /** What to do. */
  children?: ReactNode;
}

/** A message in the middle of a panel that has nothing to draw. */
export function PanelNotice({ icon, title, children }: Props): ReactElement {
  const styles = useStyles2(noticeStyles);
  return (
    <div className={styles.notice} role="status">
      <Icon name={icon} size="xxl" className={styles.icon} />
      <div className={styles.title}>{title}</div>
      <div className={styles.text}>{children}</div>
    </div>
  );
}

/** A message while a query is loading or after it has failed; otherwise null. Grafana itself shows errors only in the corner of a panel. */
export function unanswered(data: PanelData): ReactElement | null {
  const error = data.errors?.[0] ?? data.error;
  if (error || data.state === LoadingState.Error) {
    return (
      <PanelNotice icon="exclamation-triangle" title="The query failed">
        {error?.message}
      </PanelNotice>
    );
  }
  const waits = data.state === LoadingState.Loading || data.state === LoadingState.NotStarted;
  return waits ? <PanelNotice icon="sync" title="Loading…" /> : null;
}

const noticeStyles = (theme: GrafanaTheme2) => ({
  notice: css({
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    justifyContent: 'center',
    gap: theme.spacing(0.5),
    height: '100%',
    padding: theme.spacing(2),
    textAlign: 'center',
    overflow: 'auto',
  }),
  icon: css({ color: theme.colors.text.disabled }),
  title: css({ fontWeight: theme.typography.fontWeightMedium, color: theme.colors.text.primary }),
  text: css({ maxWidth: 460, color: theme.colors.text.secondary }),
});
