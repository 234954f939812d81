import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';

/** Styles that the legends of Gantt and graph share: the list, its items, and the mark of the critical path. */
export const legendStyles = (theme: GrafanaTheme2) => ({
  list: css({
    display: 'flex',
    flexWrap: 'wrap',
    columnGap: theme.spacing(2),
    rowGap: 2,
    margin: 0,
    paddingTop: theme.spacing(1),
    listStyle: 'none',
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
  }),
  item: css({ display: 'flex', alignItems: 'center', gap: 6, whiteSpace: 'nowrap' }),
  critical: css({ width: 18, height: 2, background: theme.colors.text.primary }),
});
