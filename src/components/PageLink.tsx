import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { AriaAttributes, ReactNode } from 'react';
import { appHref } from './keepRange.ts';

interface Props extends Pick<AriaAttributes, 'aria-label'> {
  /** Path of one of Grafana's pages, with or without Grafana's sub path. */
  to: string;
  title?: string;
  /** Underlines a link that stands in a sentence, because its colour alone does not tell it from the text. */
  inText?: boolean;
  children: ReactNode;
}

/**
 * A link to one of the app's pages, or to Explore. It looks like Grafana's TextLink, which decodes its address: an id with `+`, `&` or `#`
 * would arrive as another one. TextLink also takes long for each link, and a table has a hundred of them.
 */
export function PageLink({ to, children, inText = false, ...props }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <a className={inText ? styles.inText : styles.link} href={appHref(to)} {...props}>
      {children}
    </a>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  link: css({ color: theme.colors.text.link, '&:hover': { textDecoration: 'underline' } }),
  inText: css({ color: theme.colors.text.link, textDecoration: 'underline', '&:hover': { textDecoration: 'none' } }),
});
