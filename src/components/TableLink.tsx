import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';
import { appHref } from './keepRange.ts';

interface Props {
  /** One of the app's pages, without Grafana's own path. */
  to: string;
  title?: string;
  children: ReactNode;
}

/**
 * A link to one of the app's pages in a row of a table. It looks like Grafana's TextLink, which makes its styles and takes
 * its address apart anew for each link, and a table has a hundred.
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
