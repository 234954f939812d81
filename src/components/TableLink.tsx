import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';
import { appHref } from './keepRange.ts';

interface Props {
  /** Path of one of the app's pages, without Grafana's sub path. */
  to: string;
  title?: string;
  children: ReactNode;
}

/**
 * A link to one of the app's pages in a row of a table. It looks like Grafana's TextLink, which computes its styles and parses its URL
 * for each link: a table has a hundred of them.
 */
export function TableLink({ to, title, children }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <a className={styles.link} href={appHref(to)} title={title}>
      {children}
    </a>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  link: css({ color: theme.colors.text.link, '&:hover': { textDecoration: 'underline' } }),
});
