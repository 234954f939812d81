import { css } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { config } from '@grafana/runtime';
import { Icon, useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';
import { useLocation } from 'react-router';
import { boot } from './boot.ts';
import { navigationOf } from './navigation.ts';

const APP = boot.plugins.find((plugin) => plugin.json.type === 'app')!.json;

/** The dashboards that the app includes, by file. */
const DASHBOARDS = (APP.includes ?? [])
  .filter(({ type }) => type === 'dashboard')
  .map(({ name, path }) => ({ name, uid: path!.replace(/^.*\/|\.json$/g, '') }));

/** The frame around a page: a line that says that this is a preview, and the app's navigation. */
export function Chrome({ children }: { children: ReactNode }) {
  const styles = useStyles2(getStyles);
  const { pathname } = useLocation();
  const page = <main className={pathname.startsWith('/d/') ? styles.wide : styles.main}>{children}</main>;
  if (boot.kiosk) return <div className={styles.frame}>{page}</div>;
  return (
    <div className={styles.frame}>
      <div className={styles.banner} role="note">
        <Icon name="info-circle" aria-hidden /> Preview of the Runbeat app. This is not Grafana: no accounts, dashboards
        or alerts, only the plugin itself over a real exporter.
      </div>
      <nav className={styles.nav} aria-label="Preview">
        <a href={navigationOf(APP, boot.role).url}>
          <strong>{APP.name}</strong>
        </a>
        {navLinks().map((link) => (
          <NavLink key={link.href} {...link} />
        ))}
        <span className={styles.right}>
          <ThemeLink />
        </span>
      </nav>
      {page}
    </div>
  );
}

function navLinks(): { text: string; href: string; icon: IconName }[] {
  const { children } = navigationOf(APP, boot.role);
  return [
    ...children.map(({ text, url, icon }) => ({ text, href: url, icon: (icon ?? 'circle') as IconName })),
    { text: 'Panels', href: '/d/preview', icon: 'apps' },
    ...DASHBOARDS.map(({ name, uid }) => ({ text: name, href: `/d/${uid}`, icon: 'chart-line' as const })),
    { text: 'Explore', href: '/explore', icon: 'compass' },
    { text: 'Alerts', href: '/alerting/list', icon: 'bell' },
  ];
}

function NavLink({ text, href, icon }: { text: string; href: string; icon: IconName }) {
  const { pathname } = useLocation();
  return (
    <a href={href} aria-current={pathname === href ? 'page' : undefined}>
      <Icon name={icon} size="sm" aria-hidden /> {text}
    </a>
  );
}

/** Changes the theme. This reloads the page, because the theme must be known before anything is rendered. */
function ThemeLink() {
  const { search, pathname } = useLocation();
  const params = new URLSearchParams(search);
  const other = config.theme2.isDark ? 'light' : 'dark';
  params.set('theme', other);
  return (
    <a href={`${pathname}?${params}`} data-reload>
      {other} theme
    </a>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  frame: css({ minHeight: '100vh', background: theme.colors.background.canvas, color: theme.colors.text.primary }),
  banner: css({
    padding: theme.spacing(0.75, 2),
    background: theme.colors.warning.transparent,
    borderBottom: `1px solid ${theme.colors.warning.border}`,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  nav: css({
    display: 'flex',
    flexWrap: 'wrap',
    gap: theme.spacing(0.5, 2),
    alignItems: 'center',
    padding: theme.spacing(1, 2),
    background: theme.colors.background.primary,
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    a: { color: theme.colors.text.secondary, padding: theme.spacing(0.5, 0), borderBottom: '2px solid transparent' },
    'a:hover': { color: theme.colors.text.primary },
    'a[aria-current]': { color: theme.colors.text.primary, borderBottomColor: theme.colors.primary.border },
  }),
  right: css({ marginLeft: 'auto' }),
  // Dashboards use the whole width of the window.
  wide: css({ padding: theme.spacing(2) }),
  main: css({
    padding: theme.spacing(3, 3, 4),
    maxWidth: 1600,
    [theme.breakpoints.down('sm')]: { padding: theme.spacing(2) },
  }),
});
