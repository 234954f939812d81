import { css, cx } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import type { AriaAttributes, ReactNode } from 'react';

interface Props extends Pick<AriaAttributes, 'aria-label'> {
  /** With Grafana's sub path. */
  href: string;
  icon?: IconName;
  /** Whether it is a text, without a button's frame. */
  isText?: boolean;
  /** Whether it leads out of Grafana, to a new tab. */
  leaves?: boolean;
  children: ReactNode;
}

/** A link that looks like a small button. Grafana's LinkButton decodes its address, as its TextLink does (PageLink.tsx). */
export function ButtonLink({ icon, isText = false, leaves = false, children, ...props }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <a
      className={cx(styles.link, isText ? styles.text : styles.framed)}
      {...(leaves && { target: '_blank', rel: 'noreferrer' })}
      {...props}
    >
      {icon && <Icon name={icon} size="sm" aria-hidden />}
      {children}
      {leaves && <Icon name="external-link-alt" size="sm" aria-hidden />}
    </a>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  link: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    height: theme.spacing(theme.components.height.sm),
    padding: theme.spacing(0, 1),
    borderRadius: theme.shape.radius.default,
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    whiteSpace: 'nowrap',
  }),
  framed: css({
    border: `1px solid ${theme.colors.secondary.border}`,
    background: theme.colors.secondary.main,
    color: theme.colors.secondary.text,
    '&:hover, &:focus-visible': { background: theme.colors.secondary.shade },
  }),
  text: css({
    height: 'auto',
    padding: 0,
    color: theme.colors.text.link,
    fontSize: 'inherit',
    fontWeight: 'inherit',
    '&:hover': { textDecoration: 'underline' },
  }),
});
